namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Chooses the scanner of a pattern: written out for the known ones, else by Regex.</summary>
internal static class ScannerFactory
{
    private static readonly Dictionary<string, Func<Scanner>> Known = new()
    {
        [Gpt2Scanner.Pattern] = () => new Gpt2Scanner(),
        [Llama3Scanner.PatternFor("{1,3}")] = () => new Llama3Scanner(3),
        [Llama3Scanner.PatternFor("")] = () => new Llama3Scanner(1),
        [Llama3Scanner.PatternFor("+")] = () => new Llama3Scanner(int.MaxValue),
        [TrailingSpaceScanner.Pattern] = () => new TrailingSpaceScanner(),
        [Llama3Scanner.PossessivePatternFor("{1,3}")] = () => new Llama3Scanner(3),
        [Llama3Scanner.PossessivePatternFor("")] = () => new Llama3Scanner(1),
        [CasedWordScanner.PatternFor("{1,3}", contractions: true)] = () => new CasedWordScanner(3, contractions: true),
        [CasedWordScanner.PatternFor("", contractions: false)] = () => new CasedWordScanner(1, contractions: false),
        [DeepSeek3Scanner.Pattern] = () => new DeepSeek3Scanner(),
    };

    /// <exception cref="TokenizerFormatException">The pattern is not supported.</exception>
    public static Scanner Create(string pattern, string field) =>
        Known.TryGetValue(pattern, out Func<Scanner>? create) ? create()
        : RunScanner.TryCreate(pattern) is { } run ? run
        : new RegexScanner(OnigurumaPattern.Compile(pattern, field));
}
