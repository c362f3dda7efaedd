using Inference.Speech.Recognition;

namespace Inference.Speech.Tests.Recognition;

/// <summary>A vocabulary of the 256 bytes, whose ids they are, and Whisper's special tokens of several languages.</summary>
internal static class SmallVocabulary
{
    /// <summary>Text tokens.</summary>
    public static IReadOnlyList<byte[]> Bytes { get; } = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];

    /// <summary>Ids in all, as the size of a multilingual vocabulary tells them: 99 languages, 8 others, 1,501 timestamps.</summary>
    public const int MultilingualSize = 51_865;

    public static WhisperVocabulary Create() => new(RankedVocabulary.ToTokenizer(Bytes, MultilingualSize));
}
