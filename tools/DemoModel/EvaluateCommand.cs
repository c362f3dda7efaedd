using System.CommandLine;
using Inference.DemoModel.Corpus;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors.Cpu;
using Inference.Text.Tokenizers;

namespace Inference.DemoModel;

/// <summary>`evaluate`: greedy answers to the held-out questions, and the share of right ones by category.</summary>
internal static class EvaluateCommand
{
    private const int MaxTokens = 120;

    private static readonly Option<string> ModelPath = new("--model") { Description = "Directory of the model", Required = true };
    private static readonly Option<int> Limit = new("--limit") { Description = "Most questions of a category", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<int> Show = new("--show") { Description = "Wrong answers printed by category" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };

    public static Command Create()
    {
        Command command = new("evaluate", "Measures a trained model on the held-out questions") { ModelPath, Limit, Show, Threads };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        string path = options.GetValue(ModelPath)!;
        Tokenizer tokenizer = Tokenizer.FromDirectory(path);
        ConversationEncoder encoder = new(tokenizer);
        using CpuBackend backend = new(options.GetValue(Threads));
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using GreedyDecoder decoder = new(model, encoder.EndToken);
        Console.WriteLine("| Held-out questions | asked | right | share |\n|---|---|---|---|");
        int unended = 0;
        foreach (IGrouping<string, EvaluationQuestion> category in new DemoCorpus().HeldOut().GroupBy(q => q.Category))
        {
            Evaluation result = Evaluation.Of(decoder, encoder, tokenizer, [.. category.Take(options.GetValue(Limit))], MaxTokens);
            unended += result.Unended;
            Console.WriteLine($"| {category.Key} | {result.Asked} | {result.Right} | {result.Percent:f1} % |");
            foreach ((EvaluationQuestion question, string answer) in result.Wrong.Take(options.GetValue(Show)))
            {
                Console.WriteLine($"    {question.Messages[^1].Content}  ->  {answer}");
            }
        }

        Console.WriteLine($"\nAnswers that did not end within {MaxTokens} tokens: {unended}");
    }
}
