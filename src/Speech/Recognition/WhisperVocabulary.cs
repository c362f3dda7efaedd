using Inference.Models.Architectures;
using Inference.Text.Tokenizers;

namespace Inference.Speech.Recognition;

/// <summary>The tokens of a Whisper model: text, and the special ones by what they are for. What a model lacks is null.</summary>
internal sealed class WhisperVocabulary
{
    private const string Symbols = "\"#()*+/:;<=>@[\\]^_`{|}~「」『』";
    private const string Music = "♩♪♫♬♭♮♯";

    private static readonly string[] SymbolPairs =
        ["<<", ">>", "<<<", ">>>", "--", "---", "-(", "-[", "('", "(\"", "((", "))", "(((", ")))", "[[", "]]", "{{", "}}", "♪♪", "♪♪♪"];

    private readonly Dictionary<int, string> _languages = [];

    /// <param name="tokenizer">Text and special tokens.</param>
    /// <exception cref="ArgumentException">The tokenizer is not of a Whisper model: it has no start or no end of a transcript.</exception>
    public WhisperVocabulary(Tokenizer tokenizer)
    {
        Tokenizer = tokenizer;
        EndOfText = tokenizer.IdOf("<|endoftext|>") ?? throw new ArgumentException("the tokenizer has no <|endoftext|>", nameof(tokenizer));
        Start = tokenizer.IdOf("<|startoftranscript|>") ?? throw new ArgumentException("the tokenizer has no <|startoftranscript|>", nameof(tokenizer));
        Translate = tokenizer.IdOf("<|translate|>");
        Transcribe = tokenizer.IdOf("<|transcribe|>");
        Previous = tokenizer.IdOf("<|startofprev|>");
        NoSpeech = tokenizer.IdOf("<|nospeech|>") ?? tokenizer.IdOf("<|nocaptions|>");
        NoTimestamps = tokenizer.IdOf("<|notimestamps|>");
        FirstTimestamp = tokenizer.IdOf("<|0.00|>");
        foreach (string code in WhisperLanguages.Codes)
        {
            if (tokenizer.IdOf($"<|{code}|>") is int id)
            {
                _languages[id] = code;
            }
        }

        Blank = [.. Encode(" ").Append(EndOfText)];
        int?[] control = [Translate, Transcribe, Start, Previous, NoSpeech, tokenizer.IdOf("<|startoflm|>")];
        Suppressed = [.. NonSpeech().Concat(control.OfType<int>()).Concat(_languages.Keys).Distinct().Order()];
    }

    public Tokenizer Tokenizer { get; }

    public int EndOfText { get; }

    public int Start { get; }

    public int? Translate { get; }

    public int? Transcribe { get; }

    public int? Previous { get; }

    public int? NoSpeech { get; }

    public int? NoTimestamps { get; }

    /// <summary>The token of 0.00 s; the next ones follow, 20 ms apart.</summary>
    public int? FirstTimestamp { get; }

    /// <summary>Codes by token.</summary>
    public IReadOnlyDictionary<int, string> Languages => _languages;

    /// <summary>Tokens that no transcript begins with.</summary>
    public IReadOnlyList<int> Blank { get; }

    /// <summary>Tokens that no transcript contains: control tokens and signs for what is not speech.</summary>
    public IReadOnlyList<int> Suppressed { get; }

    /// <summary>The vocabulary of a model at a path: tokenizer.json of a directory, or what a file of whisper.cpp contains.</summary>
    public static WhisperVocabulary Of(string path, Whisper model) => new(
        model.Tokens is { } tokens ? RankedVocabulary.ToTokenizer(tokens, model.Config.VocabularySize) : Tokenizer.FromDirectory(path));

    public int[] Encode(string text) => Tokenizer.Encode(text, addSpecialTokens: false, parseSpecial: false);

    /// <summary>The text of the text tokens among the ids.</summary>
    public string Decode(IEnumerable<int> ids) => Tokenizer.Decode([.. ids.Where(IsText)]);

    /// <summary>Not a control token, and no timestamp.</summary>
    public bool IsText(int id) => id < EndOfText || (id > EndOfText && !Tokenizer.IsSpecial(id) && !IsTimestamp(id));

    public bool IsTimestamp(int id) => FirstTimestamp is int first && id >= first;

    /// <summary>The token of a language's code, or null.</summary>
    public int? Language(string code) => _languages.FirstOrDefault(l => l.Value == code) is { Value: not null } found ? found.Key : null;

    /// <summary>OpenAI's list: signs that annotate sounds, alone or after a space, and a hyphen or a quote that begins a word.</summary>
    private IEnumerable<int> NonSpeech()
    {
        foreach (int[] tokens in (int[][])[Encode(" -"), Encode(" '")])
        {
            if (tokens.Length > 0)
            {
                yield return tokens[0];
            }
        }

        foreach (string symbol in (string[])[.. Symbols.Select(c => c.ToString()), .. SymbolPairs, .. Music.Select(c => c.ToString())])
        {
            foreach (int[] tokens in (int[][])[Encode(symbol), Encode(" " + symbol)])
            {
                if (tokens.Length == 1 || (tokens.Length > 0 && Music.Contains(symbol[0], StringComparison.Ordinal)))
                {
                    yield return tokens[0];
                }
            }
        }
    }
}
