using System.CommandLine;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference transcribe`: a file of speech to text.</summary>
internal static class TranscribeCommand
{
    // What fits into one message; longer files are cut into utterances by the server.
    private const long LargestClip = 24 << 20;
    private const int PieceBytes = 64 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    public static Command Create()
    {
        ServerOptions server = new("INFERENCE_VOICE_SERVER");
        Argument<string> file = new("file") { Description = "WAV, FLAC or Ogg Opus." };
        Option<string> language = new("--language", "-l") { Description = "Language spoken; empty: it is found.", DefaultValueFactory = _ => "" };
        Option<bool> translate = new("--translate") { Description = "Into English." };
        Option<bool> times = new("--times") { Description = "Print when each segment begins and ends." };
        Option<bool> stream = new("--stream") { Description = "Utterance by utterance, as the server finds them." };
        Command command = new("transcribe", "Write down what a file says.") { server.Address, server.ApiKey, server.Model, file, language, translate, times, stream };
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            string path = result.GetRequiredValue(file);
            RecognitionConfig config = new()
            {
                Model = result.GetRequiredValue(server.Model),
                Language = result.GetRequiredValue(language),
                Translate = result.GetValue(translate),
                WordTimes = result.GetValue(times),
            };
            bool isStreamed = result.GetValue(stream) || new FileInfo(path).Length > LargestClip;
            await (isStreamed ? StreamAsync(client, path, config, cancellation) : RecognizeAsync(client, path, config, cancellation));
        }));
        return command;
    }

    private static async Task RecognizeAsync(InferenceClient client, string path, RecognitionConfig config, CancellationToken cancellation)
    {
        RecognizeResponse response = await client.Speech.RecognizeAsync(
            new RecognizeRequest { Config = config, Audio = ByteString.CopyFrom(await File.ReadAllBytesAsync(path, cancellation)) },
            new InferenceCallOptions { Timeout = Patience }, cancellation);
        if (!config.WordTimes)
        {
            Console.WriteLine(response.Text.Trim());
            return;
        }

        foreach (Segment segment in response.Segments)
        {
            Print(segment.Start, segment.End, segment.Text);
        }
    }

    private static async Task StreamAsync(InferenceClient client, string path, RecognitionConfig config, CancellationToken cancellation)
    {
        Duration start = new();
        await foreach (StreamingRecognizeResponse response in client.Speech.StreamingRecognizeAsync(
            new StreamingRecognitionConfig { Recognition = config }, Pieces(path, cancellation), cancellationToken: cancellation))
        {
            if (response.Event == StreamingRecognizeResponse.Types.Event.SpeechStarted)
            {
                start = response.Time;
            }
            else if (response.IsFinal && config.WordTimes && response.Words.Count > 0)
            {
                Print(response.Words[0].Start, response.Words[^1].End, response.Text);
            }
            else if (response.IsFinal && response.Text.Length > 0)
            {
                Console.WriteLine(config.WordTimes ? $"[{Time(start)}] {response.Text.Trim()}" : response.Text.Trim());
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using FileStream file = File.OpenRead(path);
        while (true)
        {
            byte[] piece = new byte[PieceBytes];
            int length = await file.ReadAsync(piece, cancellation);
            if (length == 0)
            {
                yield break;
            }

            yield return piece.AsMemory(0, length);
        }
    }

    private static void Print(Duration start, Duration end, string text) => Console.WriteLine($"[{Time(start)} to {Time(end)}] {text.Trim()}");

    private static string Time(Duration time) => $"{time.ToTimeSpan():hh\\:mm\\:ss\\.ff}";
}
