using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;

namespace Inference.Training.Datasets;

/// <summary>
/// Renders conversations and finds what the assistant says in them: by the template's generation blocks, else by rendering with and
/// without each turn. A turn begins where the prompt for it ends and reaches to the end of its last marker.
/// </summary>
/// <param name="template">The model's.</param>
/// <param name="tokenizer">Names the special tokens.</param>
/// <param name="asOf">The day that templates write into prompts.</param>
internal sealed class AssistantSpans(ChatTemplate template, Tokenizer tokenizer, DateTimeOffset asOf)
{
    private readonly FixedTime _time = new(asOf);

    /// <summary>The rendered conversation with the spans of all turns of a weight above 0.</summary>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, or a turn cannot be told from the rest.</exception>
    public (string Text, IReadOnlyList<WeightedSpan> Spans) Find(IReadOnlyList<ChatTurn> turns)
    {
        ChatRendering whole = Render(turns, isPrompt: false);
        int[] answers = [.. Enumerable.Range(0, turns.Count).Where(i => turns[i].Role == ChatTurn.Assistant)];
        if (template.MarksGenerations && whole.Generations.Count == answers.Length)
        {
            return (whole.Text, [.. answers.Select((turn, i) => (turn, Block: whole.Generations[i]))
                .Where(a => turns[a.turn].Weight > 0 && a.Block.End > a.Block.Start)
                .Select(a => new WeightedSpan(a.Block.Start, a.Block.End, turns[a.turn].Weight))]);
        }

        return (whole.Text, [.. answers.Where(i => turns[i].Weight > 0).Select(i => Locate(turns, i, whole.Text))]);
    }

    private WeightedSpan Locate(IReadOnlyList<ChatTurn> turns, int turn, string text)
    {
        ChatTurn[] before = [.. turns.Take(turn)];
        string prompt = Render(before, isPrompt: true).Text;
        int start = text.AsSpan().CommonPrefixLength(prompt);
        if (start < prompt.Length && !text.StartsWith(Render(before, isPrompt: false).Text, StringComparison.Ordinal))
        {
            throw Unclear(turn, "the turns before it are rendered otherwise when it follows them");
        }

        ChatTurn[] upTo = [.. turns.Take(turn + 1)];
        string ended = upTo.Length == turns.Count ? text : Render(upTo, isPrompt: false).Text;
        int end = text.StartsWith(ended, StringComparison.Ordinal) ? ended.Length : EndAmongLaterTurns(turns, turn, text);
        return end > start ? new WeightedSpan(start, end, turns[turn].Weight) : throw Unclear(turn, "it leaves no trace in the prompt");
    }

    /// <summary>For templates that render a turn otherwise once others follow (without its reasoning, say).</summary>
    private int EndAmongLaterTurns(IReadOnlyList<ChatTurn> turns, int turn, string text)
    {
        string mark = Mark(turns);
        ChatTurn[] marked = [.. turns];
        marked[turn] = marked[turn] with { Content = mark };
        string? afterMark = After(Render(marked, isPrompt: false).Text, mark);
        string? tail = After(Render([.. marked.Take(turn + 1)], isPrompt: false).Text, mark);
        if (afterMark is null || tail is null || !text.EndsWith(afterMark, StringComparison.Ordinal))
        {
            throw Unclear(turn, "its text cannot be found in the prompt");
        }

        return text.Length - afterMark.Length + afterMark.AsSpan().CommonPrefixLength(tail);
    }

    private static string? After(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + mark.Length)..];
    }

    /// <summary>Private-use characters that no message has.</summary>
    private static string Mark(IReadOnlyList<ChatTurn> turns)
    {
        string mark = "\uE000\uE001";
        while (turns.Any(t => t.Content.Contains(mark, StringComparison.Ordinal)))
        {
            mark += '\uE001';
        }

        return mark;
    }

    private static ChatTemplateException Unclear(int turn, string reason) =>
        new($"message {turn} cannot be told from the rest: {reason}; a template with generation blocks would say it", 0);

    private ChatRendering Render(IReadOnlyList<ChatTurn> turns, bool isPrompt) => template.RenderMarked(new ChatTemplateInput
    {
        Messages = new JsonArray([.. turns.Select(t => ChatTemplateInput.Message(t.Role, t.Content, t.Name))]),
        AddGenerationPrompt = isPrompt,
        BosToken = tokenizer.Config.BosToken,
        EosToken = tokenizer.Config.EosToken,
        Time = _time,
    });

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
