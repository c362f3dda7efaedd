using System.CommandLine;
using System.Runtime.InteropServices;
using Inference.ClientLib;
using Inference.Contracts.V1;

namespace Inference.Cli.Commands;

/// <summary>`inference chat`: a conversation in the terminal. Ctrl-C stops the answer; at the prompt it leaves.</summary>
internal static class ChatCommand
{
    private const string Help = "/clear forgets the conversation, /exit or Ctrl-D leaves, Ctrl-C stops an answer";

    public static Command Create()
    {
        ServerOptions server = new();
        SamplingOptions sampling = new();
        Option<string?> system = new("--system") { Description = "System prompt." };
        Option<bool> stats = new("--stats") { Description = "Print tokens and times after each answer." };
        Command command = new("chat", "Talk to a model: streams answers, keeps the history.") { server.Address, server.ApiKey, server.Model, system, stats };
        sampling.AddTo(command);
        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            ChatSession session = new(client.Generation, result.GetRequiredValue(server.Model), sampling.Read(result), result.GetValue(system));
            await ConverseAsync(session, result.GetValue(stats), cancellation);
        }));
        return command;
    }

    private static async Task ConverseAsync(ChatSession session, bool stats, CancellationToken cancellation)
    {
        bool interactive = !Console.IsInputRedirected;
        CancellationTokenSource? answering = null;
        Lock gate = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            lock (gate)
            {
                context.Cancel = answering is not null;
                answering?.Cancel();
            }
        });

        if (interactive)
        {
            Console.WriteLine(Help);
        }

        while (true)
        {
            if (interactive)
            {
                Console.Write("> ");
            }

            string? line = await Task.Run(Console.ReadLine, cancellation);
            if (line is null or "/exit" or "/quit")
            {
                return;
            }

            if (line.Trim() is "" or "/help" or "/clear")
            {
                if (line.Trim() == "/clear")
                {
                    session.Clear();
                }

                Console.WriteLine(line.Trim() == "/help" ? Help : "");
                continue;
            }

            using CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            lock (gate)
            {
                answering = source;
            }

            try
            {
                await AnswerAsync(session, line, stats, source.Token);
            }
            finally
            {
                lock (gate)
                {
                    answering = null;
                }
            }
        }
    }

    private static async Task AnswerAsync(ChatSession session, string question, bool stats, CancellationToken cancellation)
    {
        try
        {
            GenerateResponse? last = await session.AskAsync(question, Console.Out, cancellation);
            Console.WriteLine(last is null ? " [stopped]" : "");
            if (stats && last?.Timing is { } timing)
            {
                Console.WriteLine(
                    $"[{last.Usage.PromptTokens} prompt ({last.Usage.CachedTokens} cached) + {last.Usage.CompletionTokens} tokens, " +
                    $"first after {timing.TimeToFirstToken.ToTimeSpan().TotalMilliseconds:0} ms, {timing.Total.ToTimeSpan().TotalMilliseconds:0} ms in all]");
            }
        }
        catch (InferenceException e)
        {
            // The conversation goes on: a full queue or a bad option is no reason to lose it.
            Console.WriteLine();
            Console.Error.WriteLine(Cli.Describe(e));
        }
    }
}
