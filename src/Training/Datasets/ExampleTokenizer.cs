using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;
using Inference.Training.Data;

namespace Inference.Training.Datasets;

/// <summary>
/// Records as token ids with a weight for each: what the model is to write (answers with their end, completions) counts, prompts do not.
/// The prompt's tokens are those that generation sees.
/// </summary>
public sealed class ExampleTokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly SpanTokenizer _spans;
    private readonly AssistantSpans? _assistant;
    private readonly int _maxTokens;

    /// <param name="tokenizer">The model's.</param>
    /// <param name="template">The model's; null where it has none: then conversations are refused.</param>
    /// <param name="maxTokens">Most tokens of an example, 2 or more; longer ones are cut at the end.</param>
    /// <param name="asOf">The day that templates write into prompts: one for a job's whole life, so that its tokens never change.</param>
    public ExampleTokenizer(Tokenizer tokenizer, ChatTemplate? template, int maxTokens, DateTimeOffset asOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 2);
        _tokenizer = tokenizer;
        _spans = new SpanTokenizer(tokenizer);
        _assistant = template is null ? null : new AssistantSpans(template, tokenizer, asOf);
        _maxTokens = maxTokens;
    }

    /// <summary>Whether it can write this record: conversations need a template.</summary>
    public bool CanWrite(DatasetRecord record) => _assistant is not null || record is DatasetRecord.PromptCompletion or DatasetRecord.TextPreference;

    /// <summary>The record's tokens; null after a fault, which <paramref name="fault"/> was told as field and reason.</summary>
    public TokenizedRecord? Tokenize(DatasetRecord record, Action<string, string> fault)
    {
        try
        {
            return record switch
            {
                DatasetRecord.Chat chat => Finish([Chat(chat.Turns)], fault, () => TooLong("messages", chat.Turns), ["messages"]),
                DatasetRecord.PromptCompletion text => Finish(
                    [Text(text.Prompt, text.Completion)], fault, () => TooLong("prompt", text.Prompt) ?? TooLong("completion", text.Completion), ["completion"]),
                DatasetRecord.ChatPreference pair => Finish(
                    [Chat(pair.Chosen), Chat(pair.Rejected)], fault, () => TooLong("chosen", pair.Chosen) ?? TooLong("rejected", pair.Rejected), ["chosen", "rejected"]),
                DatasetRecord.TextPreference pair => Finish(
                    [Text(pair.Prompt, pair.Chosen), Text(pair.Prompt, pair.Rejected)], fault,
                    () => TooLong("prompt", pair.Prompt) ?? TooLong("chosen", pair.Chosen) ?? TooLong("rejected", pair.Rejected), ["chosen", "rejected"]),
                _ => throw new ArgumentException($"{record.GetType()} is no known record", nameof(record)),
            };
        }
        catch (ChatTemplateException exception)
        {
            fault("messages", $"cannot be rendered: {exception.Message}");
            return null;
        }
    }

    private TokenizedRecord? Finish(
        TrainingExample[] examples, Action<string, string> fault, Func<(string Field, int Tokens)?> findTooLong, string[] answers)
    {
        int longest = examples.Max(e => e.Tokens.Length);
        bool isCut = longest > _maxTokens;
        if (isCut && findTooLong() is { } part)
        {
            fault(part.Field, $"has {part.Tokens} tokens, the limit is {_maxTokens}");
            return null;
        }

        bool teachesEnd = examples.All(TeachesEnd);
        TrainingExample[] cut = Array.ConvertAll(examples, Cut);
        for (int i = 0; i < cut.Length; i++)
        {
            if (!cut[i].Weights.Skip(1).Any(w => w > 0))
            {
                fault(answers[i], isCut
                    ? $"begins to answer after the first {_maxTokens} tokens, to which the example's {longest} are cut" : "has no token to be learned");
                return null;
            }
        }

        return new TokenizedRecord(cut, longest, isCut, teachesEnd);
    }

    private bool TeachesEnd(TrainingExample example) =>
        Array.FindLastIndex(example.Weights, w => w > 0) is var last and >= 0
        && (_tokenizer.IsSpecial(example.Tokens[last]) || example.Tokens[last] == _tokenizer.EosTokenId);

    private TrainingExample Cut(TrainingExample example) => example.Tokens.Length <= _maxTokens
        ? example : new TrainingExample(example.Tokens[.._maxTokens], example.Weights[.._maxTokens]);

    private TrainingExample Chat(IReadOnlyList<ChatTurn> turns)
    {
        AssistantSpans assistant = _assistant ?? throw new ChatTemplateException("the model has none", 0);
        (string text, IReadOnlyList<WeightedSpan> spans) = assistant.Find(turns);
        return _spans.Encode(text, spans, parseSpecial: true);
    }

    /// <summary>What the tokenizer puts before a text, the text, and the token that ends it.</summary>
    private TrainingExample Text(string prompt, string completion)
    {
        TrainingExample text = _spans.Encode(prompt + completion, [new WeightedSpan(prompt.Length, prompt.Length + completion.Length, 1)], parseSpecial: false);
        int[] before = [.. _tokenizer.Encode("").TakeWhile(t => t == _tokenizer.BosTokenId)];
        int[] after = _tokenizer.EosTokenId is { } end ? [end] : [];
        return new TrainingExample(
            [.. before, .. text.Tokens, .. after],
            [.. before.Select(_ => 0f), .. text.Weights, .. after.Select(_ => 1f)]);
    }

    private (string Field, int Tokens)? TooLong(string field, string text)
    {
        int tokens = _tokenizer.Encode(text, addSpecialTokens: false).Length;
        return tokens > _maxTokens ? (field, tokens) : null;
    }

    private (string Field, int Tokens)? TooLong(string field, IReadOnlyList<ChatTurn> turns) => turns
        .Select((turn, i) => TooLong($"{field}[{i}].content", turn.Content))
        .FirstOrDefault(part => part is not null);
}
