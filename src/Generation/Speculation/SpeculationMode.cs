namespace Inference.Generation.Speculation;

/// <summary>Where the tokens come from that a step checks besides the one that it computes.</summary>
public enum SpeculationMode
{
    /// <summary>One token a step.</summary>
    None,

    /// <summary>What followed the last tokens where they stood before, in the prompt or the answer (Saxena 2023).</summary>
    PromptLookup,
}
