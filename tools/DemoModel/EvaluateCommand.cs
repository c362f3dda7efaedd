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
            EvaluationQuestion[] questions = [.. category.Take(options.GetValue(Limit))];
            List<(EvaluationQuestion Question, string Answer)> wrong = [];
            foreach (EvaluationQuestion[] chunk in questions.Chunk(GreedyDecoder.SequencesAtOnce))
            {
                int[]?[] answers = decoder.Answer([.. chunk.Select(q => encoder.Prompt(q.Messages))], MaxTokens);
                unended += answers.Count(a => a is null);
                wrong.AddRange(chunk
                    .Zip(answers, (q, a) => (q, Answer: a is null ? "" : tokenizer.Decode(a)))
                    .Where(p => !p.q.IsCorrect(p.Answer)));
            }

            int right = questions.Length - wrong.Count;
            Console.WriteLine($"| {category.Key} | {questions.Length} | {right} | {100.0 * right / questions.Length:f1} % |");
            foreach ((EvaluationQuestion question, string answer) in wrong.Take(options.GetValue(Show)))
            {
                Console.WriteLine($"    {question.Messages[^1].Content}  ->  {answer}");
            }
        }

        Console.WriteLine($"\nAnswers that did not end within {MaxTokens} tokens: {unended}");
    }
}
