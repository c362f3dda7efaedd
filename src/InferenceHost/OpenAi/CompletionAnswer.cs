using System.Text;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Makes the response of a text completion, whole or in events. Answer k of prompt p has the index p * n + k.</summary>
internal sealed class CompletionAnswer(string id, long created, string model, int n)
{
    private readonly SortedDictionary<int, Choice> _choices = [];
    private readonly List<GenerationUsage> _usages = [];

    /// <summary>Takes in what is new.</summary>
    public void Add(PromptUpdate update)
    {
        foreach (GenerationDelta delta in TakeUsage(update).Deltas)
        {
            Choice choice = Find((update.Prompt * n) + delta.Index);
            choice.Text.Append(delta.Text);
            choice.Logprobs.AddRange(delta.Logprobs);
            choice.FinishReason = FinishReasons.Name(delta.FinishReason) ?? choice.FinishReason;
        }
    }

    /// <summary>The whole response.</summary>
    public CompletionResponse Whole()
    {
        return new CompletionResponse(id, created, model, [.. _choices.Select(Whole)], UsageBody.Of(_usages));

        static CompletionChoice Whole(KeyValuePair<int, Choice> choice)
        {
            int offset = 0;
            return new CompletionChoice(choice.Key, choice.Value.Text.ToString())
            {
                Logprobs = Logprobs.Completion(choice.Value.Logprobs, ref offset),
                FinishReason = choice.Value.FinishReason,
            };
        }
    }

    /// <summary>The events of one update.</summary>
    public IEnumerable<CompletionResponse> Chunks(PromptUpdate update)
    {
        foreach (GenerationDelta delta in TakeUsage(update).Deltas)
        {
            int index = (update.Prompt * n) + delta.Index;
            Choice choice = Find(index);
            CompletionLogprobs? logprobs = Logprobs.Completion(delta.Logprobs, ref choice.Offset);
            yield return new CompletionResponse(id, created, model,
                [new CompletionChoice(index, delta.Text) { Logprobs = logprobs, FinishReason = FinishReasons.Name(delta.FinishReason) }], null);
        }
    }

    /// <summary>The last event where usage was asked for.</summary>
    public CompletionResponse UsageChunk() => new(id, created, model, [], UsageBody.Of(_usages));

    private GenerationUpdate TakeUsage(PromptUpdate update)
    {
        if (update.Update.Usage is { } usage)
        {
            _usages.Add(usage);
        }

        return update.Update;
    }

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
        public int Offset;

        public StringBuilder Text { get; } = new();

        public List<TokenLogprob> Logprobs { get; } = [];

        public string? FinishReason { get; set; }
    }
}
