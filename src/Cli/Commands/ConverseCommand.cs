using System.CommandLine;
using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.Cli.Voice;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference converse`: asks a spoken question as it would be spoken, prints the answer and where the time went.</summary>
internal static class ConverseCommand
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(20);

    public static Command Create()
    {
        ServerOptions server = new("INFERENCE_VOICE_SERVER");
        VoiceOptions voice = new();
        Argument<string> file = new("file") { Description = "WAV of 16-bit samples: a question. Silence follows it until the answer was spoken." };
        Option<string?> answer = new("--output", "-o") { Description = "WAV to write the answer's audio to." };
        Option<string?> system = new("--system") { Description = "System prompt." };
        Option<float?> temperature = new("--temperature", "-t") { Description = "0 to 2." };
        Command command = new("converse", "Ask a spoken question and hear the answer.") { server.Address, server.ApiKey, server.Model, file, answer, system, temperature };
        voice.AddTo(command);
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            WavFile question = WavFile.Read(result.GetRequiredValue(file));
            AnswerConfig asked = new() { Model = result.GetRequiredValue(server.Model) };
            if (result.GetValue(system) is { } prompt)
            {
                asked.SystemPrompt = prompt;
            }

            if (result.GetValue(temperature) is { } chosen)
            {
                asked.Temperature = chosen;
            }

            ConversationConfig config = new()
            {
                Recognition = new RecognitionConfig { Encoding = AudioEncoding.Pcm16, SampleRate = question.SampleRate, Channels = question.Channels },
                Answer = asked,
                Manner = voice.Read(result),
            };
            return await ConverseAsync(client, config, question, result.GetValue(answer), cancellation);
        }));
        return command;
    }

    private static async Task<int> ConverseAsync(
        InferenceClient client, ConversationConfig config, WavFile question, string? path, CancellationToken cancellation)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using MemoryStream spoken = new();
        int rate = 0;
        TimeSpan end = TimeSpan.Zero;
        string? error = null;
        await foreach (ConverseResponse response in client.Speech.ConverseAsync(config, Microphone(question, ended.Token), cancellationToken: cancellation))
        {
            switch (response.EventCase)
            {
                case ConverseResponse.EventOneofCase.UserTurn:
                    Console.WriteLine($"> {response.UserTurn.Text}");
                    break;
                case ConverseResponse.EventOneofCase.AnswerDelta:
                    Console.Write(response.AnswerDelta.Text);
                    break;
                case ConverseResponse.EventOneofCase.AnswerEnd:
                    Console.WriteLine();
                    error = response.AnswerEnd.Error.Length > 0 ? response.AnswerEnd.Error : null;
                    break;
                case ConverseResponse.EventOneofCase.Audio:
                    rate = response.Audio.SampleRate;
                    spoken.Write(response.Audio.Audio.Span);
                    end = response.Audio.Start.ToTimeSpan() + TimeSpan.FromSeconds(response.Audio.Audio.Length / (double)sizeof(short) / rate);
                    break;
                case ConverseResponse.EventOneofCase.Speaking when response.Speaking.State == SpeakingChange.Types.State.Paused:
                    TimeSpan unheard = end - response.Speaking.HeardUntil.ToTimeSpan();
                    spoken.SetLength(spoken.Length - (Math.Max(0, (long)Math.Round(unheard.TotalSeconds * rate)) * sizeof(short)));
                    break;
                case ConverseResponse.EventOneofCase.Metrics:
                    Console.WriteLine(Describe(response.Metrics));
                    break;
                case ConverseResponse.EventOneofCase.Speaking when response.Speaking.State is SpeakingChange.Types.State.Finished or SpeakingChange.Types.State.Failed:
                    error ??= response.Speaking.Error.Length > 0 ? response.Speaking.Error : null;
                    await ended.CancelAsync();
                    break;
            }
        }

        if (path is not null && rate > 0)
        {
            WavFile.Write(path, rate, spoken.GetBuffer().AsSpan(0, (int)spoken.Length));
        }

        if (error is not null)
        {
            await Console.Error.WriteLineAsync($"error: {error}");
        }

        return error is null ? 0 : 1;
    }

    private static string Describe(TurnMetrics metrics) =>
        $"[voice to voice {Milliseconds(metrics.VoiceToVoice)} = end of utterance {Milliseconds(metrics.EndOfUtterance)} (transcript after {Milliseconds(metrics.Transcript)}) " +
        $"+ first token {Milliseconds(metrics.FirstToken)} + first audio {Milliseconds(metrics.FirstAudio)}]";

    private static string Milliseconds(Duration time) => $"{time.ToTimeSpan().TotalMilliseconds:0} ms";

    /// <summary>The question in real time, then silence; at most a minute of it.</summary>
    private static async IAsyncEnumerable<ConverseRequest> Microphone(WavFile question, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ended)
    {
        int bytes = (int)(question.SampleRate * Piece.TotalSeconds) * question.Channels * sizeof(short);
        TimeSpan length = (question.Samples.Length / bytes * Piece) + TimeSpan.FromMinutes(1);
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; !ended.IsCancellationRequested && clock.Elapsed < length; i++)
        {
            int start = Math.Min(i * bytes, question.Samples.Length);
            byte[] piece = new byte[bytes];
            question.Samples[start..Math.Min(start + bytes, question.Samples.Length)].CopyTo(piece);
            yield return new ConverseRequest { Audio = ByteString.CopyFrom(piece) };
            if (((i + 1) * Piece) - clock.Elapsed is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, CancellationToken.None);
            }
        }
    }
}
