namespace Inference.Models.Architectures;

/// <summary>Tokens of one stream in a decoding step.</summary>
/// <param name="Slot">The stream's place.</param>
/// <param name="Tokens">The next tokens; those before them are in the cache.</param>
/// <param name="Position">Position of the first of them.</param>
public readonly record struct WhisperDecodeStep(int Slot, ReadOnlyMemory<int> Tokens, int Position);
