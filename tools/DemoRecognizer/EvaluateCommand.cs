using System.CommandLine;
using Inference.Speech.Recognition;
using Inference.Tensors.Cpu;

namespace Inference.DemoRecognizer;

/// <summary>`evaluate`: held-out questions spoken by held-out voices, clean and with noise, and the word error rate of each voice.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string> ModelPath = new("--model") { Description = "Directory of the model", Required = true };
    private static readonly Option<int> Count = new("--count") { Description = "Questions of a voice", DefaultValueFactory = _ => 40 };
    private static readonly Option<int> Show = new("--show") { Description = "Wrong transcripts printed by voice" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of rates, pitches and noise", DefaultValueFactory = _ => 7 };

    public static Command Create()
    {
        Command command = new("evaluate", "Measures a trained recogniser on held-out questions and voices") { ModelPath, Count, Show, Threads, Seed };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        SpokenQuestions questions = new();
        using WhisperRecognizer recognizer = WhisperRecognizer.Load(options.GetValue(ModelPath)!, new CpuBackend(options.GetValue(Threads)));
        Console.WriteLine("| Held-out voice, questions | words | word errors | WER | WER with noise |\n|---|---|---|---|---|");
        (int Errors, int NoisyErrors, int Words) all = default;
        foreach (string voice in Voices.HeldOut)
        {
            Random random = new(options.GetValue(Seed));
            string[] texts = [.. questions.HeldOut];
            random.Shuffle(texts);
            List<string> wrong = [];
            (int Errors, int NoisyErrors, int Words) sum = default;
            foreach (string text in texts.Take(options.GetValue(Count)))
            {
                float[] speech = EspeakSpeaker.Speak(new Utterance(text, voice, random.Next(140, 200), random.Next(35, 65)));
                string clean = Hear(recognizer, Augmentation.Apply(random, speech, isClean: true));
                string noisy = Hear(recognizer, Augmentation.Apply(random, speech, isClean: false));
                (int errors, int words) = WordErrors.Count(text, clean);
                sum = (sum.Errors + errors, sum.NoisyErrors + WordErrors.Count(text, noisy).Errors, sum.Words + words);
                if (errors > 0)
                {
                    wrong.Add($"    {text}  ->  {clean}");
                }
            }

            Print(voice, sum);
            wrong.Take(options.GetValue(Show)).ToList().ForEach(Console.WriteLine);
            all = (all.Errors + sum.Errors, all.NoisyErrors + sum.NoisyErrors, all.Words + sum.Words);
        }

        Print("all", all);
    }

    private static void Print(string name, (int Errors, int NoisyErrors, int Words) sum) => Console.WriteLine(
        $"| {name} | {sum.Words} | {sum.Errors} | {100.0 * sum.Errors / sum.Words:f1} % | {100.0 * sum.NoisyErrors / sum.Words:f1} % |");

    private static string Hear(WhisperRecognizer recognizer, float[] samples) =>
        recognizer.TranscribeAsync(samples, new TranscriptionOptions { Temperatures = [0] }, CancellationToken.None).GetAwaiter().GetResult().Text;
}
