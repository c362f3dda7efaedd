using System.Text;
using Inference.Text.Tokenizers;
using Inference.Training.Tokenizers;

namespace Inference.DemoRecognizer;

/// <summary>Byte-level BPE over the questions, then Whisper's special tokens, without timestamps.</summary>
internal sealed class RecognizerVocabulary
{
    private const int SampleQuestions = 20_000;

    private static readonly string[] Specials =
        ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"];

    private readonly BpeVocabulary _vocabulary;
    private readonly Tokenizer _tokenizer;

    public RecognizerVocabulary(SpokenQuestions questions, int seed, int size)
    {
        Random random = new(seed);
        _vocabulary = ByteLevelBpeTrainer.Train(Enumerable.Range(0, SampleQuestions).Select(_ => " " + questions.Draw(random)), size, Specials);
        Json = TokenizerJson.Write(_vocabulary);
        _tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(Json));
    }

    /// <summary>tokenizer.json.</summary>
    public string Json { get; }

    /// <summary>Number of ids.</summary>
    public int Size => _vocabulary.Size;

    /// <summary>Id of a special token.</summary>
    public int Special(string token) => _vocabulary.SpecialId(token);

    /// <summary>A transcript as the decoder sees it: start, English, transcribe, no timestamps, the text or nothing, the end.</summary>
    public int[] Transcript(string? text) =>
    [
        Special("<|startoftranscript|>"), Special("<|en|>"), Special("<|transcribe|>"), Special("<|notimestamps|>"),
        .. text is null ? [] : Encode(text), Special("<|endoftext|>"),
    ];

    /// <summary>The end of a text that came before, at most so many tokens of it.</summary>
    public int[] Prompt(string text, int most) => [Special("<|startofprev|>"), .. Encode(text).TakeLast(most)];

    /// <summary>What the decoder is to say of silence.</summary>
    public int[] Silence() => [Special("<|startoftranscript|>"), Special("<|nospeech|>"), Special("<|endoftext|>")];

    private int[] Encode(string text) => _tokenizer.Encode(" " + text, addSpecialTokens: false, parseSpecial: false);
}
