using Inference.ClientLib;
using Inference.Contracts.V1;

namespace Inference.Cli.Commands;

/// <summary>A conversation: its history, and one turn at a time.</summary>
internal sealed class ChatSession(GenerationClient client, string model, SamplingParameters sampling, string? system)
{
    private readonly List<ChatMessage> _history = system is null ? [] : [new ChatMessage { Role = "system", Content = system }];

    /// <summary>Turns so far, the system prompt not counted.</summary>
    public int Length => _history.Count(m => m.Role != "system");

    /// <summary>Forgets everything but the system prompt.</summary>
    public void Clear() => _history.RemoveAll(m => m.Role != "system");

    /// <summary>
    /// Asks and writes the answer as it comes. An answer that is cancelled stays in the history as far as it came;
    /// a question that failed does not.
    /// </summary>
    /// <returns>Usage and timing, or null where the answer was cancelled.</returns>
    public async Task<GenerateResponse?> AskAsync(string question, TextWriter output, CancellationToken cancellation)
    {
        ChatMessage asked = new() { Role = "user", Content = question };
        GenerateRequest request = new() { Model = model, Sampling = sampling, Chat = new Chat { Messages = { _history, asked } } };
        System.Text.StringBuilder answer = new();
        GenerateResponse? last = null;
        try
        {
            await foreach (GenerateResponse response in client.GenerateAsync(request, cancellationToken: cancellation))
            {
                foreach (Delta delta in response.Deltas)
                {
                    answer.Append(delta.Text);
                    await output.WriteAsync(delta.Text);
                    await output.FlushAsync(CancellationToken.None);
                }

                last = response;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            last = null;
        }

        _history.Add(asked);
        _history.Add(new ChatMessage { Role = "assistant", Content = answer.ToString() });
        return last;
    }
}
