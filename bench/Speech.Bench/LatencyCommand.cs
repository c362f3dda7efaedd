using System.CommandLine;
using System.Diagnostics;
using Inference.Contracts.Speech.V1;
using Inference.Speech.VoiceActivity;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Bench;

/// <summary>`latency`: espeak-ng's first audio over gRPC, and a frame of voice activity.</summary>
internal static class LatencyCommand
{
    private const int Frames = 2000;

    public static Command Create()
    {
        Option<string> silero = new("--silero") { DefaultValueFactory = _ => "", Description = "silero_vad_16k.safetensors; without it only the rules are measured" };
        Option<int> sentences = new("--sentences") { DefaultValueFactory = _ => 40, Description = "Sentences to speak, each another" };
        Command command = new("latency", "Measures the first audio of synthesis and frames of voice activity") { silero, sentences };
        command.SetAction((result, _) => RunAsync(result.GetRequiredValue(silero), result.GetValue(sentences)));
        return command;
    }

    private static async Task RunAsync(string silero, int sentences)
    {
        await using (LocalVoiceHost host = await LocalVoiceHost.StartAsync())
        {
            List<TimeSpan> first = [];
            for (int i = 0; i < sentences; i++)
            {
                // A sentence that was spoken before would come from the cache.
                SynthesizeRequest request = new() { Text = $"Lesson number {i} is about the long way from {i} to {i * 7} and back again, as far as it goes." };
                long begin = Stopwatch.GetTimestamp();
                await foreach (SynthesizeResponse _ in host.Client.Speech.SynthesizeAsync(request))
                {
                    first.Add(Stopwatch.GetElapsedTime(begin));
                    break;
                }
            }

            // The first opens the connection.
            Console.WriteLine($"espeak-ng, first audio over gRPC: {Share.Describe(first.Skip(1))}");
        }

        foreach (string path in new[] { "", silero }.Distinct())
        {
            using IVoiceActivityModel model = VoiceActivityModels.Open(path, () => new CpuBackend(1));
            Console.WriteLine($"{model.Name}, a frame of 32 ms: {Share.Describe(Measure(model.CreateDetector()))}");
        }
    }

    private static IEnumerable<TimeSpan> Measure(IVoiceActivityDetector detector)
    {
        Random random = new(1);
        float[] frame = new float[IVoiceActivityModel.FrameLength];
        for (int i = 0; i < Frames; i++)
        {
            for (int j = 0; j < frame.Length; j++)
            {
                frame[j] = (random.NextSingle() - 0.5f) * 0.2f;
            }

            long begin = Stopwatch.GetTimestamp();
            detector.Next(frame);
            TimeSpan time = Stopwatch.GetElapsedTime(begin);
            if (i >= Frames / 10)
            {
                yield return time;
            }
        }
    }
}
