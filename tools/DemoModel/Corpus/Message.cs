namespace Inference.DemoModel.Corpus;

/// <summary>One turn: role "system", "user" or "assistant".</summary>
public sealed record Message(string Role, string Content);
