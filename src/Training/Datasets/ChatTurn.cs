namespace Inference.Training.Datasets;

/// <summary>A message of an example.</summary>
/// <param name="Role">"system", "user" or "assistant".</param>
/// <param name="Content">Its text.</param>
/// <param name="Name">Of who speaks, or null.</param>
/// <param name="Weight">Weight of its tokens in the loss, 0 to 1; 0 for all but the assistant's.</param>
public sealed record ChatTurn(string Role, string Content, string? Name = null, float Weight = 0)
{
    /// <summary>The role that is learned.</summary>
    public const string Assistant = "assistant";
}
