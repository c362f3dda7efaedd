namespace Inference.Text.ChatTemplates;

/// <summary>What a template made of its input.</summary>
/// <param name="Text">The prompt.</param>
/// <param name="Generations">First character and end of what each generation block wrote, in order.</param>
public sealed record ChatRendering(string Text, IReadOnlyList<(int Start, int End)> Generations);
