using System.CommandLine;
using Inference.DemoModel.Corpus;

namespace Inference.DemoModel;

/// <summary>`corpus`: prints conversations.</summary>
internal static class CorpusCommand
{
    private static readonly Option<int> Count = new("--count") { Description = "Number of conversations", DefaultValueFactory = _ => 20 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of the stream", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        Command command = new("corpus", "Prints conversations of the corpus") { Count, Seed };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        DemoCorpus corpus = new();
        for (int i = 0; i < options.GetValue(Count); i++)
        {
            foreach (Message message in corpus.Conversation(options.GetValue(Seed), i))
            {
                Console.WriteLine($"{message.Role}: {message.Content}");
            }

            Console.WriteLine();
        }
    }
}
