using System.Text;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Makes the response of a chat, whole or in chunks, from the engine's updates.</summary>
internal sealed class ChatAnswer(string id, long created, string model)
{
    private readonly SortedDictionary<int, Choice> _choices = [];
    private GenerationUsage? _usage;

    /// <summary>Takes in what is new.</summary>
    public void Add(GenerationUpdate update)
    {
        foreach (GenerationDelta delta in update.Deltas)
        {
            Choice choice = Find(delta.Index);
            choice.Text.Append(delta.Text);
            choice.Logprobs.AddRange(delta.Logprobs);
            choice.FinishReason = FinishReasons.Name(delta.FinishReason) ?? choice.FinishReason;
        }

        _usage = update.Usage ?? _usage;
    }

    /// <summary>The whole response.</summary>
    public ChatCompletionResponse Whole() => new(
        id, created, model,
        [.. _choices.Select(c => new ChatChoice(c.Key, new AssistantMessage(c.Value.Text.ToString()), c.Value.FinishReason ?? throw Unfinished())
        {
            Logprobs = Logprobs.Chat(c.Value.Logprobs),
        })],
        UsageBody.Of([_usage ?? throw Unfinished()]));

    /// <summary>The events of one update: the first of each answer names the role.</summary>
    public IEnumerable<ChatCompletionChunk> Chunks(GenerationUpdate update)
    {
        _usage = update.Usage ?? _usage;
        foreach (GenerationDelta delta in update.Deltas)
        {
            bool first = !_choices.ContainsKey(delta.Index);
            Find(delta.Index);
            yield return new ChatCompletionChunk(id, created, model,
            [
                new ChatChunkChoice(delta.Index, new ChatDelta(first ? "assistant" : null, delta.Text))
                {
                    Logprobs = Logprobs.Chat(delta.Logprobs),
                    FinishReason = FinishReasons.Name(delta.FinishReason),
                },
            ], null);
        }
    }

    /// <summary>The last event where usage was asked for.</summary>
    public ChatCompletionChunk UsageChunk() => new(id, created, model, [], UsageBody.Of([_usage ?? throw Unfinished()]));

    private static InvalidOperationException Unfinished() => new("the engine's stream ended before the answer did");

    private Choice Find(int index)
    {
        if (!_choices.TryGetValue(index, out Choice? choice))
        {
            choice = new Choice();
            _choices.Add(index, choice);
        }

        return choice;
    }

    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public List<TokenLogprob> Logprobs { get; } = [];

        public string? FinishReason { get; set; }
    }
}
