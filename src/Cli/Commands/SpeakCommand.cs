using System.CommandLine;
using Inference.Cli.Voice;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference speak`: a text to a file of audio.</summary>
internal static class SpeakCommand
{
    public static Command Create()
    {
        ServerOptions server = new("INFERENCE_VOICE_SERVER");
        VoiceOptions voice = new();
        Argument<string?> text = new("text") { Description = "What to say; read from standard input where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> file = new("--output", "-o") { Description = "File to write: .wav, .mp3, .flac, .ogg or .opus, or .pcm for raw 16-bit samples.", Required = true };
        Option<bool> ssml = new("--ssml") { Description = "The text is SSML." };
        Command command = new("speak", "Speak a text.") { server.Address, server.ApiKey, text, file, ssml };
        voice.AddTo(command);
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            string path = result.GetRequiredValue(file), words = result.GetValue(text) ?? await Console.In.ReadToEndAsync(cancellation);
            SpeakingManner manner = voice.Read(result);
            SynthesizeRequest request = new() { Voice = manner.Voice, Language = manner.Language, Emotion = manner.Emotion, Encoding = Encoding(path) };
            if (manner.HasRate)
            {
                request.Rate = manner.Rate;
            }

            if (manner.HasPitch)
            {
                request.Pitch = manner.Pitch;
            }

            if (result.GetValue(ssml))
            {
                request.Ssml = words;
            }
            else
            {
                request.Text = words;
            }

            await WriteAsync(client.Speech.SynthesizeAsync(request, cancellationToken: cancellation), path, cancellation);
        }));
        return command;
    }

    private static AudioEncoding Encoding(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".wav" => AudioEncoding.Wav,
        ".ogg" or ".opus" => AudioEncoding.OggOpus,
        ".mp3" => AudioEncoding.Mp3,
        ".flac" => AudioEncoding.Flac,
        ".pcm" or ".raw" => AudioEncoding.Pcm16,
        string other => throw new ArgumentException($"--output: .wav, .mp3, .flac, .ogg, .opus or .pcm is wanted, not '{other}'"),
    };

    private static async Task WriteAsync(IAsyncEnumerable<SynthesizeResponse> speech, string path, CancellationToken cancellation)
    {
        // The file appears with the first audio: a refused text leaves none.
        FileStream? file = null;
        SynthesizeResponse? last = null;
        try
        {
            await foreach (SynthesizeResponse response in speech)
            {
                file ??= File.Create(path);
                await file.WriteAsync(response.Audio.Memory, cancellation);
                last = response;
            }

            if (file is null || last is null)
            {
                throw new ArgumentException("the text has nothing to say");
            }

            if (Encoding(path) == AudioEncoding.Wav)
            {
                WavFile.Finish(file);
            }

            Console.WriteLine($"{path}: {file.Length} bytes, {last.SampleRate} Hz");
        }
        finally
        {
            await (file?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
