using System.Text;
using Inference.Text.Tokenizers.Formats;
using Inference.Text.Tokenizers.Models;
using Inference.Text.Tokenizers.Normalizers;
using Inference.Text.Tokenizers.PreTokenizers;

namespace Inference.Text.Tokenizers;

/// <summary>
/// Text to token ids and back: byte-pair encoding over bytes (GPT-2, Llama 3, Qwen2) or over characters with byte fallback
/// (Llama 2, Phi-3, Gemma), Unigram (T5) and WordPiece (BERT). Immutable; any number of threads may use one. Time grows as n log n with the text at worst.
/// </summary>
public sealed class Tokenizer
{
    private readonly TokenTable _tokens;
    private readonly ITokenModel _model;
    private readonly INormalizer? _normalizer;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly AddedTokenMatcher? _rawMatcher;
    private readonly AddedTokenMatcher? _normalizedMatcher;
    private readonly Dictionary<string, int> _addedIds = [];
    private readonly HashSet<int> _specialIds = [];
    private readonly byte[]?[] _bytes;
    private readonly int[] _prefix;
    private readonly int[] _suffix;

    internal Tokenizer(TokenizerDefinition definition)
    {
        (_tokens, _model, _normalizer, _preTokenizer) = (definition.Tokens, definition.Model, definition.Normalizer, definition.PreTokenizer);
        (_prefix, _suffix) = (definition.Prefix, definition.Suffix);
        Decoding = definition.Decoding;
        Config = definition.Config;
        (BosTokenId, EosTokenId, EndOfTurnTokenId) = (definition.BosTokenId, definition.EosTokenId, definition.EndOfTurnTokenId);
        (PadTokenId, UnknownTokenId) = (definition.PadTokenId, definition.UnknownTokenId);
        VocabularySize = Math.Max(_tokens.Size, definition.AddedTokens.Select(t => t.Id + 1).DefaultIfEmpty().Max());
        _bytes = new byte[]?[VocabularySize];
        foreach (AddedToken token in definition.AddedTokens)
        {
            _addedIds[token.Content] = token.Id;
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            if (token.IsSpecial) _specialIds.Add(token.Id);
        }

        _rawMatcher = Matcher(definition.AddedTokens.Where(t => !t.IsNormalized).Select(t => (t.Content, t)));
        _normalizedMatcher = Matcher(definition.AddedTokens.Where(t => t.IsNormalized)
            .SelectMany(t => AddedTokenNormalization.Patterns(t.Content, _normalizer).Select(p => (p, t))));
    }

    /// <summary>One more than the largest id. A model's logits may be longer; the ids beyond have no text.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text, where the files name one.</summary>
    public int? BosTokenId { get; }

    /// <summary>The token that ends a text, where the files name one.</summary>
    public int? EosTokenId { get; }

    /// <summary>The token that ends an answer, where GGUF metadata name one beside <see cref="EosTokenId"/>.</summary>
    public int? EndOfTurnTokenId { get; }

    /// <summary>The token that fills a batch, where the files name one.</summary>
    public int? PadTokenId { get; }

    /// <summary>The token for what has no token, where the files name one.</summary>
    public int? UnknownTokenId { get; }

    /// <summary>Chat templates and names of special tokens, as the files give them.</summary>
    public TokenizerConfig Config { get; }

    internal TokenDecoding Decoding { get; }

    /// <summary>Reads tokenizer.json, and tokenizer_config.json and chat_template.jinja where they are there.</summary>
    /// <exception cref="TokenizerFormatException">A file is not usable; the message names the field.</exception>
    public static Tokenizer FromDirectory(string path) => TokenizerDirectory.Read(path);

    /// <summary>Reads the contents of a tokenizer.json alone (UTF-8).</summary>
    /// <exception cref="TokenizerFormatException">It is not usable; the message names the field.</exception>
    public static Tokenizer FromJson(ReadOnlySpan<byte> tokenizerJson) => new(TokenizerJson.Read(tokenizerJson, new TokenizerConfig()));

    /// <summary>
    /// Reads the keys tokenizer.* of a GGUF file: strings, numbers of any width, bool, float[], int[], byte[], and strings as string[] or
    /// as UTF-8 in a list of ReadOnlyMemory&lt;byte&gt;.
    /// Models "gpt2", "llama", "t5" and "bert".
    /// </summary>
    /// <exception cref="TokenizerFormatException">A key is missing or not usable; the message names it.</exception>
    public static Tokenizer FromGguf(IReadOnlyDictionary<string, object> metadata) => new(GgufTokenizer.Read(metadata));

    /// <summary>The ids of <paramref name="text"/>. A lone surrogate counts as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether to add what the model expects around a text, such as the token that begins it.</param>
    /// <param name="parseSpecial">Whether special tokens written in the text count as such; false for text from users.</param>
    /// <exception cref="System.Text.RegularExpressions.RegexMatchTimeoutException">The tokenizer's own unusual pattern took too long.</exception>
    public int[] Encode(ReadOnlySpan<char> text, bool addSpecialTokens = true, bool parseSpecial = false)
    {
        List<int> output = new((text.Length / 3) + 8);
        if (addSpecialTokens) output.AddRange(_prefix);
        int position = 0;
        bool found = true;
        while (found && position < text.Length)
        {
            (int start, int end, int id) = (text.Length, text.Length, -1);
            found = _rawMatcher is not null && _rawMatcher.TryNext(text, position, parseSpecial, out start, out end, out id);
            EncodeSegment(text[position..start], position == 0, parseSpecial, output);
            if (found) output.Add(id);
            position = end;
        }

        if (addSpecialTokens) output.AddRange(_suffix);
        return [.. output];
    }

    /// <summary>The text of <paramref name="ids"/>; bytes that are not UTF-8 become U+FFFD, ids without a token nothing.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        IncrementalDetokenizer detokenizer = new(this, skipSpecialTokens);
        StringBuilder text = new();
        foreach (int id in ids) text.Append(detokenizer.Push(id));
        return text.Append(detokenizer.Flush()).ToString();
    }

    /// <summary>The bytes a token stands for, perhaps a part of a character; a special token's are its text. Empty for an id without a token.</summary>
    public ReadOnlySpan<byte> TokenBytes(int id)
    {
        if ((uint)id >= (uint)_bytes.Length) return default;
        return _bytes[id] ??= _tokens.Contains(id) ? Decoding.BytesOf(_tokens.Spelling(id)) : [];
    }

    /// <summary>Whether the token is control, not text.</summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>The id of an added token's text or of a token as the vocabulary spells it; null when there is none.</summary>
    public int? IdOf(string token) =>
        _addedIds.TryGetValue(token, out int id) ? id : _tokens.Find(token) is int known and >= 0 ? known : null;

    private static AddedTokenMatcher? Matcher(IEnumerable<(string, AddedToken)> tokens) =>
        tokens.Any() ? new AddedTokenMatcher(tokens) : null;

    private void EncodeSegment(ReadOnlySpan<char> segment, bool atStart, bool parseSpecial, List<int> output)
    {
        if (segment.IsEmpty) return;
        ReadOnlySpan<char> text = _normalizer is null ? segment : _normalizer.Apply(segment.ToString());
        int position = 0;
        bool found = true;
        while (found && position < text.Length)
        {
            (int start, int end, int id) = (text.Length, text.Length, -1);
            found = _normalizedMatcher is not null && _normalizedMatcher.TryNext(text, position, parseSpecial, out start, out end, out id);
            EncodePieces(text[position..start], atStart && position == 0, output);
            if (found) output.Add(id);
            position = end;
        }
    }

    private void EncodePieces(ReadOnlySpan<char> text, bool atStart, List<int> output)
    {
        if (text.IsEmpty) return;
        if (_preTokenizer is null)
        {
            _model.Encode(text, output);
            return;
        }

        PreTokenizedText pieces = new(text, atStart);
        _preTokenizer.Apply(ref pieces);
        foreach ((int start, int length) in pieces.Pieces) _model.Encode(pieces.Text.Slice(start, length), output);
    }
}
