using System.Text.Json;

namespace Inference.Training.Datasets;

/// <summary>Reads a line as one of the formats and names everything that is wrong with it.</summary>
/// <param name="options">Limits.</param>
/// <param name="faults">Where faults go.</param>
/// <param name="warnings">Where fields go that nothing reads.</param>
internal sealed class RecordParser(DatasetOptions options, FaultList faults, FaultList warnings)
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 32, AllowDuplicateProperties = false };
    private static readonly string[] ToolFields = ["tools", "functions", "parallel_tool_calls"];

    private readonly MessageParser _messages = new(options, faults);
    private readonly HashSet<string> _ignored = [];

    /// <summary>The record, or null after at least one fault.</summary>
    public DatasetRecord? Parse(JsonLine line)
    {
        if (line.IsTooLong)
        {
            faults.Add(line.Number, "", $"has {line.Length} bytes; the limit is {options.MaxLineBytes}");
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line.Text, Json);
            long before = faults.Count;
            DatasetRecord? record = Parse(line.Number, document.RootElement);
            return faults.Count == before ? record : null;
        }
        catch (JsonException exception)
        {
            faults.Add(line.Number, "", $"is not valid JSON{Where(exception)}");
        }
        catch (InvalidOperationException)
        {
            // GetString of text that is not UTF-8, or of half a surrogate pair.
            faults.Add(line.Number, "", "has a text that is not valid Unicode");
        }

        return null;
    }

    private static string Where(JsonException exception)
    {
        int details = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string reason = details < 0 ? exception.Message : exception.Message[..details];
        return exception.BytePositionInLine is { } position ? $" at byte {position + 1}: {reason}" : $": {reason}";
    }

    private DatasetRecord? Parse(long line, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add(line, "", $"must be a JSON object, not {Kind(root)}");
            return null;
        }

        foreach (string tool in ToolFields.Where(t => root.TryGetProperty(t, out JsonElement value) && !IsEmpty(value)))
        {
            faults.Add(line, tool, "is not supported: tool calls are not trained");
        }

        bool isChat = root.TryGetProperty("messages", out _);
        bool isCompletion = root.TryGetProperty("completion", out _);
        bool isPair = root.TryGetProperty("chosen", out _) || root.TryGetProperty("rejected", out _);
        bool isOpenAiPair = root.TryGetProperty("preferred_output", out _) || root.TryGetProperty("non_preferred_output", out _);
        return (isChat, isCompletion, isPair, isOpenAiPair) switch
        {
            (true, false, false, false) => Chat(line, root),
            (false, true, false, false) => Completion(line, root),
            (false, false, true, false) => Pair(line, root),
            (false, false, false, true) => OpenAiPair(line, root),
            (false, false, false, false) => Unknown(line, "has none of messages, completion, chosen and preferred_output"),
            _ => Unknown(line, "mixes formats: one of messages, completion, chosen and preferred_output is wanted"),
        };
    }

    private DatasetRecord? Unknown(long line, string reason)
    {
        faults.Add(line, "", reason);
        return null;
    }

    private DatasetRecord? Chat(long line, JsonElement root)
    {
        WarnOfUnread(line, root, "messages");
        List<ChatTurn>? turns = _messages.Parse(line, "messages", root.GetProperty("messages"));
        if (turns is not null && !turns.Any(t => t.Weight > 0))
        {
            faults.Add(line, "messages", turns.Any(t => t.Role == ChatTurn.Assistant)
                ? "has no assistant message with a weight above 0" : "has no assistant message");
        }

        return turns is null ? null : new DatasetRecord.Chat(turns);
    }

    private DatasetRecord? Completion(long line, JsonElement root)
    {
        WarnOfUnread(line, root, "prompt", "completion");
        string? prompt = Text(line, root, "prompt", mayBeEmpty: true);
        string? completion = Text(line, root, "completion", mayBeEmpty: false);
        return prompt is null || completion is null ? null : new DatasetRecord.PromptCompletion(prompt, completion);
    }

    private DatasetRecord? Pair(long line, JsonElement root)
    {
        WarnOfUnread(line, root, "prompt", "chosen", "rejected");
        if (root.TryGetProperty("prompt", out JsonElement prompt) && prompt.ValueKind == JsonValueKind.Array)
        {
            return ChatPair(line, "prompt", prompt, root, "chosen", "rejected");
        }

        string? text = Text(line, root, "prompt", mayBeEmpty: true);
        string? chosen = Text(line, root, "chosen", mayBeEmpty: false);
        string? rejected = Text(line, root, "rejected", mayBeEmpty: false);
        if (chosen is not null && chosen == rejected)
        {
            faults.Add(line, "rejected", "equals chosen");
        }

        return text is null || chosen is null || rejected is null ? null : new DatasetRecord.TextPreference(text, chosen, rejected);
    }

    private DatasetRecord? OpenAiPair(long line, JsonElement root)
    {
        WarnOfUnread(line, root, "input", "preferred_output", "non_preferred_output");
        if (!root.TryGetProperty("input", out JsonElement input) || input.ValueKind != JsonValueKind.Object
            || !input.TryGetProperty("messages", out JsonElement messages))
        {
            faults.Add(line, "input.messages", "is missing");
            return null;
        }

        foreach (string tool in ToolFields.Where(t => input.TryGetProperty(t, out JsonElement value) && !IsEmpty(value)))
        {
            faults.Add(line, "input." + tool, "is not supported: tool calls are not trained");
        }

        return ChatPair(line, "input.messages", messages, root, "preferred_output", "non_preferred_output");
    }

    private DatasetRecord? ChatPair(long line, string promptField, JsonElement prompt, JsonElement root, string better, string worse)
    {
        List<ChatTurn>? asked = _messages.Parse(line, promptField, prompt);
        List<ChatTurn>? chosen = Answer(line, root, better);
        List<ChatTurn>? rejected = Answer(line, root, worse);
        if (asked is null || chosen is null || rejected is null)
        {
            return null;
        }

        if (chosen.SequenceEqual(rejected))
        {
            faults.Add(line, worse, $"equals {better}");
        }

        ChatTurn[] question = [.. asked.Select(t => t with { Weight = 0 })];
        return new DatasetRecord.ChatPreference([.. question, .. chosen], [.. question, .. rejected]);
    }

    private List<ChatTurn>? Answer(long line, JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out JsonElement value))
        {
            faults.Add(line, field, "is missing");
            return null;
        }

        List<ChatTurn>? turns = _messages.Parse(line, field, value);
        if (turns is not null && (turns is not [.., { Role: ChatTurn.Assistant, Weight: > 0 }] || turns[0].Role != ChatTurn.Assistant))
        {
            faults.Add(line, field, "must begin and end with an assistant message");
        }

        return turns;
    }

    private string? Text(long line, JsonElement root, string field, bool mayBeEmpty)
    {
        if (!root.TryGetProperty(field, out JsonElement value))
        {
            faults.Add(line, field, "is missing");
        }
        else if (value.ValueKind != JsonValueKind.String)
        {
            faults.Add(line, field, $"must be a string, not {Kind(value)}");
        }
        else if (!mayBeEmpty && value.GetString()!.Length == 0)
        {
            faults.Add(line, field, "must not be empty");
        }
        else
        {
            return value.GetString()!;
        }

        return null;
    }

    /// <summary>Once a file for each name.</summary>
    private void WarnOfUnread(long line, JsonElement root, params ReadOnlySpan<string> read)
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!read.Contains(property.Name) && !ToolFields.Contains(property.Name) && _ignored.Count < options.MaxListedFaults
                && _ignored.Add(property.Name))
            {
                warnings.Add(line, property.Name, "is not read");
            }
        }
    }

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.False or JsonValueKind.True
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    internal static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
