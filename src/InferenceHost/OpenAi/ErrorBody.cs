using System.Text.Json.Serialization;

namespace Inference.InferenceHost.OpenAi;

/// <summary>An error in OpenAI's shape.</summary>
internal sealed record ErrorBody(ErrorContent Error);

/// <summary>What went wrong.</summary>
internal sealed record ErrorContent(string Message, string Type)
{
    /// <summary>The field at fault, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Param { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Code { get; init; }
}
