using System.Text;
using System.Text.Json;

namespace Inference.Training.Datasets;

/// <summary>Reads a list of messages in OpenAI's shape.</summary>
internal sealed class MessageParser(DatasetOptions options, FaultList faults)
{
    private const string Roles = "system, developer, user and assistant";
    private static readonly string[] ToolFields = ["tool_calls", "function_call", "tool_call_id"];

    /// <summary>The messages, or null after at least one fault.</summary>
    public List<ChatTurn>? Parse(long line, string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            faults.Add(line, field, $"must be an array of messages, not {RecordParser.Kind(value)}");
            return null;
        }

        int count = value.GetArrayLength();
        if (count == 0 || count > options.MaxMessages)
        {
            faults.Add(line, field, $"must have 1 to {options.MaxMessages} messages, not {count}");
            return null;
        }

        long before = faults.Count;
        List<ChatTurn> turns = new(count);
        foreach (JsonElement message in value.EnumerateArray())
        {
            Message(line, $"{field}[{turns.Count}]", message, turns);
        }

        return faults.Count == before ? turns : null;
    }

    private void Message(long line, string path, JsonElement message, List<ChatTurn> turns)
    {
        (string? role, string? content, string? name, float? weight) = (null, null, null, null);
        if (message.ValueKind != JsonValueKind.Object)
        {
            faults.Add(line, path, $"must be an object, not {RecordParser.Kind(message)}");
        }
        else
        {
            foreach (JsonProperty property in message.EnumerateObject())
            {
                string field = $"{path}.{property.Name}";
                switch (property.Name)
                {
                    case "role":
                        role = Role(line, field, property.Value);
                        break;
                    case "content":
                        content = Content(line, field, property.Value);
                        break;
                    case "name":
                        name = String(line, field, property.Value);
                        break;
                    case "weight":
                        weight = Weight(line, field, property.Value);
                        break;
                    default:
                        Other(line, field, property);
                        break;
                }
            }

            Require(line, path, message, "role");
            Require(line, path, message, "content");
            if (weight is not null && role is not null and not ChatTurn.Assistant)
            {
                faults.Add(line, path + ".weight", $"is for assistant messages only, not for {role}");
            }

            if (content is { Length: 0 } && role == ChatTurn.Assistant)
            {
                faults.Add(line, path + ".content", "must not be empty");
            }
        }

        turns.Add(new ChatTurn(role ?? "", content ?? "", name, role == ChatTurn.Assistant ? weight ?? 1 : 0));
    }

    private void Require(long line, string path, JsonElement message, string field)
    {
        if (!message.TryGetProperty(field, out _))
        {
            faults.Add(line, $"{path}.{field}", "is missing");
        }
    }

    private string? Role(long line, string field, JsonElement value)
    {
        switch (String(line, field, value))
        {
            case null:
                return null;
            case "system" or "user" or ChatTurn.Assistant:
                return value.GetString();
            case "developer":
                return "system";
            case "tool" or "function":
                faults.Add(line, field, $"'{value.GetString()}' is not supported: tool calls are not trained");
                return null;
            case { } other:
                faults.Add(line, field, $"'{Cut(other)}' is unknown; known are {Roles}");
                return null;
        }
    }

    private string? Content(long line, string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return String(line, field, value);
        }

        StringBuilder text = new();
        int index = 0;
        foreach (JsonElement part in value.EnumerateArray())
        {
            string path = $"{field}[{index++}]";
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out JsonElement type) && type.ValueEquals("text")
                && part.TryGetProperty("text", out JsonElement content))
            {
                text.Append(String(line, path + ".text", content));
            }
            else
            {
                faults.Add(line, path, "must be a part of type text");
            }
        }

        return text.ToString();
    }

    private float? Weight(long line, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float weight) && weight is >= 0 and <= 1)
        {
            return weight;
        }

        faults.Add(line, field, $"must be a number from 0 to 1, not {Cut(value.GetRawText())}");
        return null;
    }

    private string? String(long line, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        faults.Add(line, field, $"must be a string, not {RecordParser.Kind(value)}");
        return null;
    }

    private void Other(long line, string field, JsonProperty property)
    {
        if (property.Value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        faults.Add(line, field, ToolFields.Contains(property.Name) ? "is not supported: tool calls are not trained"
            : "is unknown; known are role, content, name and weight");
    }

    private static string Cut(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
