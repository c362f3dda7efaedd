namespace Inference.Generation;

/// <summary>One fault of a request: the field as the client names it, and what it must be, with limit and value.</summary>
/// <param name="Field">Path such as "sampling.top_p".</param>
/// <param name="Description">For people: "must be greater than 0 and at most 1, not 2".</param>
public sealed record FieldViolation(string Field, string Description);
