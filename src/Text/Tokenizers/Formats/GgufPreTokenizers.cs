using System.Text;
using Inference.Text.Tokenizers.Normalizers;
using Inference.Text.Tokenizers.PreTokenizers;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// What the names of GGUF's tokenizer.ggml.pre stand for: patterns, each applied to the pieces of the one before.
/// The patterns are those of the named models' tokenizer.json files.
/// </summary>
internal static class GgufPreTokenizers
{
    /// <summary>DeepSeek LLM's letters with case, as its tokenizer.json lists them.</summary>
    private const string DeepSeekLetters =
        @"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼι" +
        @"ῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-" +
        @"𞥃]+";

    private const string DeepSeekMarks = @"\s?[!-/:-~！-／：-～‘-‟　-。]+";

    private const string DeepSeekEastAsian = "[一-龥ࠀ-一가-퟿]+";

    private static readonly string[] Llama3 = [Llama3Scanner.PatternFor("{1,3}")];
    private static readonly string[] Qwen2 = [Llama3Scanner.PatternFor("")];
    private static readonly string[] Gpt2 = [Gpt2Scanner.Pattern];
    private static readonly string[] StarCoder = [@"\p{N}", Gpt2Scanner.Pattern];
    private static readonly string[] Gpt4O = [CasedWordScanner.PatternFor("{1,3}", contractions: true)];
    private static readonly string[] DeepSeek3 = [@"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DeepSeek3Scanner.Pattern];
    private static readonly string[] Bailing = [Llama3Scanner.PossessivePatternFor("")];
    private static readonly string[] Bloom = [@" ?[^(\s|.,!?…。，、।۔،)]+"];

    private static readonly Dictionary<string, string[]> Patterns = new()
    {
        ["default"] = [@"[\p{P}\$\+<=>\^~\|]+", Gpt2Scanner.Pattern, @"\p{N}+", "[0-9]{3}"],
        ["gpt-2"] = Gpt2,
        ["mpt"] = Gpt2,
        ["olmo"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["jais"] = Gpt2,
        ["trillion"] = Gpt2,
        ["gigachat"] = Gpt2,
        ["exaone4"] = Gpt2,
        ["a.x-4.0"] = Gpt2,
        ["mellum"] = Gpt2,
        ["granite-docling"] = Gpt2,
        ["falcon"] = [@"[\p{P}\$\+<=>\^~\|`]+", Gpt2Scanner.Pattern, "[0-9]{3}"],
        ["llama-bpe"] = Llama3,
        ["llama3"] = Llama3,
        ["llama-v3"] = Llama3,
        ["falcon3"] = Llama3,
        ["falcon-h1"] = Llama3,
        ["lfm2"] = Llama3,
        ["pixtral"] = Llama3,
        ["midm-2.0"] = Llama3,
        ["dbrx"] = Llama3,
        ["smaug-bpe"] = Llama3,
        ["glm4"] = Llama3,
        ["chatglm-bpe"] = Llama3,
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["megrez"] = Qwen2,
        ["kormo"] = Qwen2,
        ["stablelm2"] = Qwen2,
        ["hunyuan"] = Qwen2,
        ["solar-open"] = Qwen2,
        ["grok-2"] = Qwen2,
        ["starcoder"] = StarCoder,
        ["refact"] = StarCoder,
        ["command-r"] = StarCoder,
        ["smollm"] = StarCoder,
        ["codeshell"] = StarCoder,
        ["exaone"] = StarCoder,
        ["minerva-7b"] = StarCoder,
        ["mellum2"] = StarCoder,
        ["gpt-4o"] = Gpt4O,
        ["llama4"] = Gpt4O,
        ["kanana2"] = Gpt4O,
        ["minimax-m2"] = Gpt4O,
        ["tekken"] = [CasedWordScanner.PatternFor("", contractions: false)],
        ["deepseek-llm"] = [@"[\r\n]", DeepSeekLetters, DeepSeekMarks, TrailingSpaceScanner.Pattern, DeepSeekEastAsian, @"\p{N}+"],
        ["deepseek-coder"] = [@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", DeepSeekEastAsian, @"\p{N}"],
        ["deepseek-v3"] = DeepSeek3,
        ["hunyuan-dense"] = DeepSeek3,
        ["joyai-llm"] = DeepSeek3,
        ["bailingmoe"] = Bailing,
        ["bailingmoe2"] = Bailing,
        ["llada-moe"] = Bailing,
        ["minicpm5"] = [@"\p{N}{1,3}", Llama3Scanner.PatternFor("+")],
        ["bloom"] = Bloom,
        ["poro-chat"] = Bloom,
        ["gpt3-finnish"] = Bloom,
        ["viking"] = [.. Bloom, @"\p{N}"],
    };

    private static readonly HashSet<string> TakeTokensWhole =
        ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "lfm2", "pixtral", "midm-2.0", "tekken", "minicpm5"];

    /// <exception cref="TokenizerFormatException">The name is not known.</exception>
    public static IPreTokenizer Create(string name)
    {
        const string Field = "tokenizer.ggml.pre";
        if (!Patterns.TryGetValue(name, out string[]? patterns))
            throw new TokenizerFormatException($"{Field} \"{name}\" is not supported, only {string.Join(", ", Patterns.Keys)}");
        return new SequencePreTokenizer([.. patterns.Select(p => new SplitPreTokenizer(ScannerFactory.Create(p, Field), SplitBehavior.Isolated))]);
    }

    /// <summary>Whether a piece that is a token is taken whole, as the tokenizer.json of Llama 3 and Tekken say.</summary>
    public static bool IgnoresMerges(string name) => TakeTokensWhole.Contains(name);

    /// <summary>Whether the text begins with the token for it when the file does not say.</summary>
    public static bool AddsBos(string name) => TakeTokensWhole.Contains(name) && name != "minicpm5";

    /// <summary>Qwen2's tokenizer.json composes characters first.</summary>
    public static INormalizer? Normalizer(string name) => name is "qwen2" or "deepseek-r1-qwen" ? new UnicodeNormalizer(NormalizationForm.FormC) : null;
}
