using System.Text.Json.Nodes;

namespace Inference.InferenceHost.Prompts;

/// <summary>A chat of either protocol, before its template is applied.</summary>
internal sealed record ChatPrompt
{
    /// <summary>What stands before the names of this chat's fields in the client's protocol: "chat." or nothing.</summary>
    public string FieldPrefix { get; init; } = "";

    /// <summary>The messages as the template sees them.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>The client's template in place of the model's.</summary>
    public string? Template { get; init; }

    /// <summary>End with the start of an assistant turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Further variables.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>Tool definitions.</summary>
    public JsonArray? Tools { get; init; }
}
