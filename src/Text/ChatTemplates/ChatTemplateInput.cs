using System.Text.Json.Nodes;

namespace Inference.Text.ChatTemplates;

/// <summary>The variables of one rendering, named for the template as transformers' <c>apply_chat_template</c> names them.</summary>
public sealed record ChatTemplateInput
{
    /// <summary><c>messages</c>: objects with <c>role</c> and <c>content</c>, and whatever else the template knows.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary><c>tools</c>: tool definitions; <c>none</c> where null.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary><c>add_generation_prompt</c>: end with the start of an assistant turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary><c>bos_token</c>; undefined where null.</summary>
    public string? BosToken { get; init; }

    /// <summary><c>eos_token</c>; undefined where null.</summary>
    public string? EosToken { get; init; }

    /// <summary>Further variables; they win over the ones above.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>What <c>strftime_now</c> reads.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A message as templates expect it; <c>name</c> is left out where null.</summary>
    public static JsonObject Message(string role, string content, string? name = null)
    {
        JsonObject message = new() { ["role"] = role, ["content"] = content };
        if (name is not null)
        {
            message["name"] = name;
        }

        return message;
    }
}
