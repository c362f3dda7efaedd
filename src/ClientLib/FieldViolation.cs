namespace Inference.ClientLib;

/// <summary>What the server found wrong with one field of a request.</summary>
/// <param name="Field">Its path in the request message, for instance "sampling.top_p".</param>
/// <param name="Description">The limit and the value.</param>
public sealed record FieldViolation(string Field, string Description);
