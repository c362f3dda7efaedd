using Inference.Text.Tokenizers.PreTokenizers;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "pre_tokenizer" of a tokenizer.json: the steps, and whether the model then works on bytes.</summary>
internal sealed class PreTokenizerJson
{
    private const char Metaspace = '\u2581';
    private readonly List<IPreTokenizer> _steps = [];

    public bool ByteLevel { get; private set; }

    public IPreTokenizer? Steps => _steps.Count switch { 0 => null, 1 => _steps[0], _ => new SequencePreTokenizer(_steps) };

    public static PreTokenizerJson Read(JsonField field)
    {
        PreTokenizerJson preTokenizer = new();
        if (!field.IsNull) preTokenizer.Add(field);
        return preTokenizer;
    }

    private void Add(JsonField field)
    {
        if (ByteLevel) throw new TokenizerFormatException($"{field.Path} comes after ByteLevel, which must be the last step");
        string type = field["type"].String();
        switch (type)
        {
            case "Sequence":
                foreach (JsonField step in field["pretokenizers"].Items()) Add(step);
                break;
            case "ByteLevel":
                if (field["add_prefix_space"].Bool(true)) _steps.Add(new PrefixPreTokenizer(' ', PrefixScheme.Always));
                if (field["use_regex"].Bool(true)) AddSplit(new Gpt2Scanner(), SplitBehavior.Isolated);
                ByteLevel = true;
                break;
            case "Split":
                AddSplit(Pattern(field["pattern"]), Behavior(field["behavior"]), field["invert"].Bool(false));
                break;
            case "Digits":
                AddSplit(
                    new ClassScanner(c => CodePoint.ClassOf(c) == CodePoint.Class.Number),
                    field["individual_digits"].Bool(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
                break;
            case "Punctuation":
                AddSplit(new ClassScanner(CodePoint.IsPunctuation), field["behavior"].IsNull ? SplitBehavior.Isolated : Behavior(field["behavior"]));
                break;
            case "Whitespace":
                AddSplit(ScannerFactory.Create(@"\w+|[^\w\s]+", field.Path), SplitBehavior.Removed, invert: true);
                break;
            case "BertPreTokenizer":
                AddSplit(new ClassScanner(CodePoint.IsSpace), SplitBehavior.Removed);
                AddSplit(new ClassScanner(CodePoint.IsPunctuation), SplitBehavior.Isolated);
                break;
            case "WhitespaceSplit":
                AddSplit(new ClassScanner(CodePoint.IsSpace), SplitBehavior.Removed);
                break;
            case "Metaspace":
                AddMetaspace(field);
                break;
            default:
                throw field.Unsupported(type);
        }
    }

    private void AddSplit(Scanner scanner, SplitBehavior behavior, bool invert = false) =>
        _steps.Add(new SplitPreTokenizer(scanner, behavior, invert));

    private void AddMetaspace(JsonField field)
    {
        string replacement = field["replacement"].StringOrNull() ?? Metaspace.ToString();
        if (replacement.Length != 1) throw field["replacement"].Wrong("one character");
        PrefixScheme scheme = (field["prepend_scheme"].StringOrNull(), field["add_prefix_space"].Bool(true)) switch
        {
            ("always", _) or (null, true) => PrefixScheme.Always,
            ("first", _) => PrefixScheme.First,
            ("never", _) or (null, false) => PrefixScheme.Never,
            _ => throw field["prepend_scheme"].Wrong("\"always\", \"first\" or \"never\""),
        };
        _steps.Add(new PrefixPreTokenizer(replacement[0], scheme, replacement[0]));
        if (field["split"].Bool(true)) AddSplit(new LiteralScanner(replacement), SplitBehavior.MergedWithNext);
    }

    private static Scanner Pattern(JsonField field)
    {
        if (field["String"].StringOrNull() is not { } literal) return ScannerFactory.Create(field["Regex"].String(), field["Regex"].Path);
        return literal.Length > 0 ? new LiteralScanner(literal) : throw field["String"].Wrong("a string that is not empty");
    }

    private static SplitBehavior Behavior(JsonField field) => field.String() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw field.Wrong("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous"),
    };
}
