using System.CommandLine;
using System.Text;
using Inference.DemoModel.Corpus;
using Inference.Models;
using Inference.Tensors.Cpu;
using Inference.Text.Tokenizers;
using Inference.Training;
using Inference.Training.Checkpoints;
using Inference.Training.Data;
using Inference.Training.Optimisation;
using Inference.Training.Tokenizers;

namespace Inference.DemoModel;

/// <summary>`train`: corpus, vocabulary, model. Repeatable: the same options give the same bits, resumed or not.</summary>
internal static class TrainCommand
{
    private static readonly Option<string> Out = new("--out") { Description = "Directory of the model in Hugging Face's form", Required = true };
    private static readonly Option<string> Work = new("--work") { Description = "Directory of the checkpoints", Required = true };
    private static readonly Option<int> Steps = new("--steps") { Description = "Optimiser steps; the cosine ends with the last", DefaultValueFactory = _ => 2500 };
    private static readonly Option<int> Stop = new("--stop") { Description = "Step to stop after, without changing the schedule", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<int> Warmup = new("--warmup") { Description = "Steps of warm-up", DefaultValueFactory = _ => 100 };
    private static readonly Option<float> Peak = new("--peak") { Description = "Highest learning rate", DefaultValueFactory = _ => 2e-3f };
    private static readonly Option<int> Rows = new("--rows") { Description = "Tokens of a micro-batch", DefaultValueFactory = _ => 1024 };
    private static readonly Option<int> MicroBatches = new("--micro-batches") { Description = "Micro-batches of a step", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Workers = new("--workers") { Description = "Threads", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Conversations = new("--conversations") { Description = "Size of the data set", DefaultValueFactory = _ => 150_000 };
    private static readonly Option<int> Vocabulary = new("--vocabulary") { Description = "Size of the vocabulary", DefaultValueFactory = _ => 2048 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of data and weights", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> SaveEvery = new("--save-every") { Description = "Steps between checkpoints", DefaultValueFactory = _ => 100 };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on from the latest checkpoint" };
    private static readonly Option<bool> AllowChanges = new("--allow-changes") { Description = "Resume with other data or options" };

    public static Command Create()
    {
        Command command = new("train", "Trains the demo model from nothing")
        {
            Out, Work, Steps, Stop, Warmup, Peak, Rows, MicroBatches, Workers, Conversations, Vocabulary, Seed, SaveEvery, Resume, AllowChanges,
        };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        int seed = options.GetValue(Seed);
        string directory = options.GetValue(Out)!;
        DemoCorpus corpus = new();
        BpeVocabulary vocabulary = DemoTokenizer.Train(corpus, seed, options.GetValue(Vocabulary));
        ModelConfig config = DemoModelFiles.Config(vocabulary.Size);
        DemoModelFiles.Write(directory, config, vocabulary);
        ConversationEncoder encoder = new(Tokenizer.FromJson(Encoding.UTF8.GetBytes(TokenizerJson.Write(vocabulary))));
        TrainingExample[] examples =
            [.. Enumerable.Range(0, options.GetValue(Conversations)).Select(i => encoder.Example(corpus.Conversation(seed, i)))];
        Console.WriteLine(
            $"{vocabulary.Size} tokens of vocabulary, {examples.Length} conversations, {examples.Sum(e => (long)e.Tokens.Length)} tokens, "
            + $"{examples.Sum(e => e.Weights.Count(w => w > 0))} of them answers, longest {examples.Max(e => e.Tokens.Length)}");

        TrainingOptions training = new()
        {
            Schedule = new CosineSchedule(options.GetValue(Peak), options.GetValue(Peak) / 50, options.GetValue(Warmup), options.GetValue(Steps)),
            MicroBatchRows = options.GetValue(Rows),
            MicroBatches = options.GetValue(MicroBatches),
            Workers = options.GetValue(Workers),
            Seed = seed,
        };
        using Trainer trainer = new(config, training, examples, () => new CpuBackend(threads: 1));
        CheckpointDirectory checkpoints = new(options.GetValue(Work)!);
        if (options.GetValue(Resume) && trainer.Resume(checkpoints, options.GetValue(AllowChanges)))
        {
            Console.WriteLine($"resumed after step {trainer.Steps}");
        }

        Console.WriteLine($"{trainer.Parameters.Count} parameters");
        int last = Math.Min(options.GetValue(Steps), options.GetValue(Stop));
        Progress progress = new(trainer, last);
        while (trainer.Steps < last)
        {
            progress.Report(trainer.Step());
            if (trainer.Steps % options.GetValue(SaveEvery) == 0 || trainer.Steps == last)
            {
                trainer.Save(checkpoints);
                HuggingFaceExport.Write(directory, trainer.Parameters);
            }
        }
    }
}
