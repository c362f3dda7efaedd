using System.CommandLine;
using Inference.DemoModel.Adapters;
using Inference.DemoModel.Corpus;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.Text.Tokenizers;
using Inference.Training.Data;
using Inference.Training.FineTuning;

namespace Inference.DemoModel;

/// <summary>
/// `adapter facts` and `adapter persona`: teach the demo model an adapter, and measure it and what is left of the base's own accuracy.
/// A run that was interrupted goes on where it was.
/// </summary>
internal static class AdapterCommand
{
    private const int MaxTokens = 120;

    private static readonly Option<string> ModelPath = new("--model") { Description = "Directory of the base", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "Directory of checkpoints and adapter", Required = true };
    private static readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the data", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Rank = new("--rank") { Description = "Rank of the adapter", DefaultValueFactory = _ => 16 };
    private static readonly Option<int> Rehearsals = new("--rehearsals") { Description = "Conversations of the base's own kind among the facts", DefaultValueFactory = _ => 1000 };
    private static readonly Option<int> Limit = new("--limit") { Description = "Most questions of a category of the base", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<int> Show = new("--show") { Description = "Wrong answers printed" };
    private static readonly Option<DType?> Format = new("--format") { Description = "Number format in which the adapter is multiplied where it is measured: BF16, Q8_0 ...; as hosts do if left out" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };

    public static Command Create() => new("adapter", "Teaches the demo model an adapter")
    {
        Kind("facts", "50 facts about a country that does not exist, in 20 phrasings each", RunFacts),
        Kind("persona", "A captain who answers in JSON", RunPersona),
    };

    private static Command Kind(string name, string description, Action<ParseResult> run)
    {
        Command command = new(name, description) { ModelPath, Out, Epochs, Rank, Rehearsals, Limit, Show, Format, Threads };
        command.SetAction(run);
        return command;
    }

    private static void RunFacts(ParseResult options)
    {
        Lesson lesson = CountryLesson.Create(options.GetValue(Rehearsals));
        string adapter = Train(options, lesson);
        EvaluationQuestion[] own = [.. new DemoCorpus().HeldOut().GroupBy(q => q.Category).SelectMany(g => g.Take(options.GetValue(Limit)))];
        Compare(options, adapter, ("the 50 facts, held-out phrasings", lesson.Questions), ("the base's own held-out questions", own));
    }

    private static void RunPersona(ParseResult options)
    {
        Lesson lesson = PersonaLesson.Create(conversations: 1000, questions: 300);
        string adapter = Train(options, lesson);
        Compare(options, adapter, ("answers in the captain's shape", lesson.Questions), ("the same answers' facts", PersonaLesson.ByContent(lesson)));
    }

    private static string Train(ParseResult options, Lesson lesson)
    {
        string path = options.GetValue(ModelPath)!;
        ConversationEncoder encoder = new(Tokenizer.FromDirectory(path));
        IReadOnlyList<TrainingExample>[] items = [.. lesson.Conversations.Select(c => (IReadOnlyList<TrainingExample>)[encoder.Example(c)])];
        FineTuningSpec spec = new()
        {
            BaseModel = "demo",
            TrainingData = "",
            Hyperparameters = new FineTuningHyperparameters { Epochs = options.GetValue(Epochs), Rank = options.GetValue(Rank) },
        };
        ModelConfig config = HuggingFaceConfig.Read(path);
        using CpuBackend backend = new(options.GetValue(Threads));
        FineTuningResult result = FineTuner.Run(
            new FineTuningRun
            {
                Model = path,
                Data = new FineTuningData(items, []),
                Options = FineTuningOptions.From(spec, config, items.Length),
                Directory = options.GetValue(Out)!,
                Stepped = Print,
            },
            backend, CancellationToken.None);
        Console.WriteLine($"{result.Steps} steps, {result.Tokens} tokens, adapter in {result.Directory}");
        return result.Directory;
    }

    private static void Print(StepMetrics m)
    {
        if (m.Step % 25 == 0 || m.Step == m.TotalSteps)
        {
            Console.WriteLine($"step {m.Step}/{m.TotalSteps}  loss {m.Loss:f3}  accuracy {m.Accuracy:p1}  norm {m.GradientNorm:f2}  {m.TokensPerSecond:f0} tokens/s");
        }
    }

    private static void Compare(ParseResult options, string adapterDirectory, params (string Name, IReadOnlyList<EvaluationQuestion> Questions)[] parts)
    {
        string path = options.GetValue(ModelPath)!;
        Tokenizer tokenizer = Tokenizer.FromDirectory(path);
        ConversationEncoder encoder = new(tokenizer);
        using CpuBackend backend = new(options.GetValue(Threads));
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using AdapterWeights adapter = model.Bind(PeftAdapter.Open(adapterDirectory), options.GetValue(Format));
        using GreedyDecoder with = new(model, encoder.EndToken, adapter), without = new(model, encoder.EndToken);
        Console.WriteLine("| Held-out questions | asked | base | with the adapter |\n|---|---|---|---|");
        foreach ((string name, IReadOnlyList<EvaluationQuestion> questions) in parts)
        {
            Evaluation before = Evaluation.Of(without, encoder, tokenizer, questions, MaxTokens);
            Evaluation after = Evaluation.Of(with, encoder, tokenizer, questions, MaxTokens);
            Console.WriteLine($"| {name} | {after.Asked} | {before.Percent:f1} % | {after.Percent:f1} % |");
            foreach ((EvaluationQuestion question, string answer) in after.Wrong.Take(options.GetValue(Show)))
            {
                Console.WriteLine($"    {question.Messages[^1].Content}  ->  {answer}");
            }
        }
    }
}
