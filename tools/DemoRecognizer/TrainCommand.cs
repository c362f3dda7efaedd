using System.CommandLine;
using Inference.Models.Architectures;
using Inference.Speech.Recognition;
using Inference.Tensors.Cpu;
using Inference.Training.Checkpoints;
using Inference.Training.Optimisation;
using Inference.Training.Speech;

namespace Inference.DemoRecognizer;

/// <summary>`train`: speech, vocabulary, model. Repeatable: the same options give the same bits, resumed or not.</summary>
internal static class TrainCommand
{
    private static readonly Option<string> Out = new("--out") { Description = "Directory of the model in Hugging Face's form", Required = true };
    private static readonly Option<string> Work = new("--work") { Description = "Directory of speech and checkpoints", Required = true };
    private static readonly Option<int> Steps = new("--steps") { Description = "Optimiser steps; the cosine ends with the last", DefaultValueFactory = _ => 4000 };
    private static readonly Option<int> Stop = new("--stop") { Description = "Step to stop after, without changing the schedule", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<int> Warmup = new("--warmup") { Description = "Steps of warm-up", DefaultValueFactory = _ => 150 };
    private static readonly Option<float> Peak = new("--peak") { Description = "Highest learning rate", DefaultValueFactory = _ => 1.5e-3f };
    private static readonly Option<int> Frames = new("--frames") { Description = "Frames (10 ms) of a step", DefaultValueFactory = _ => 4800 };
    private static readonly Option<int> Pool = new("--utterances") { Description = "Size of the set of utterances", DefaultValueFactory = _ => 24_000 };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of data and weights", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> SaveEvery = new("--save-every") { Description = "Steps between checkpoints", DefaultValueFactory = _ => 100 };
    private static readonly Option<string> From = new("--from") { Description = "A trained model to begin with, of the same shape and seed, instead of nothing" };
    private static readonly Option<long> Short = new("--short") { Description = "Examples of a few words at the beginning", DefaultValueFactory = _ => 16_000 };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on from the latest checkpoint" };

    public static Command Create()
    {
        Command command = new("train", "Trains the demo recogniser from nothing")
        {
            Out, Work, Steps, Stop, Warmup, Peak, Frames, Pool, Threads, Seed, SaveEvery, From, Short, Resume,
        };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        int seed = options.GetValue(Seed);
        string work = options.GetValue(Work)!, directory = options.GetValue(Out)!;
        SpokenQuestions questions = new();
        RecognizerVocabulary vocabulary = new(questions, seed, RecognizerFiles.VocabularySize);
        WhisperConfig config = RecognizerFiles.Config(vocabulary.Size);
        SpeechTrainingOptions training = new()
        {
            Schedule = new CosineSchedule(options.GetValue(Peak), options.GetValue(Peak) / 50, options.GetValue(Warmup), options.GetValue(Steps)),
            BatchFrames = options.GetValue(Frames),
            AlignmentShare = 1,
            Seed = seed,
        };
        using CpuBackend backend = new(options.GetValue(Threads));
        using LogMelSpectrogram spectrogram = new(backend, config.MelCount);
        SpeechPool pool = new(Path.Combine(work, "speech"), options.GetValue(Pool), seed, questions);
        SpeechExamples examples = new(pool, vocabulary, spectrogram, seed, options.GetValue(Short), config.MaxFrames);
        string data = $"{pool.Size} utterances, seed {seed}, {options.GetValue(Short)} short";
        using SpeechTrainer trainer = new(config, training, Phonemes.Count + 1, examples.At, data, backend);
        CheckpointDirectory checkpoints = new(Path.Combine(work, "checkpoints"));
        if (options.GetValue(Resume) && trainer.Resume(checkpoints))
        {
            Console.WriteLine($"resumed after step {trainer.Steps}");
        }
        else if (options.GetValue(From) is string model)
        {
            WhisperImport.Read(model, trainer.Parameters);
        }

        Console.WriteLine($"{vocabulary.Size} tokens, {trainer.Parameters.Count} parameters, {questions.HeldOut.Count} held-out questions");
        int last = Math.Min(options.GetValue(Steps), options.GetValue(Stop));
        Progress progress = new(trainer, last);
        while (trainer.Steps < last)
        {
            progress.Report(trainer.Step());
            if (trainer.Steps % options.GetValue(SaveEvery) == 0 || trainer.Steps == last)
            {
                trainer.Save(checkpoints);
                RecognizerFiles.Write(directory, config, vocabulary, trainer.Parameters);
            }
        }
    }
}
