using System.Globalization;
using Inference.TestSupport;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>The ids that llama.cpp gives for its 46 texts with five real vocabularies.</summary>
public class LlamaCppVocabularyTests
{
    public static TheoryData<string> Vocabularies => new("gpt-2", "mpt", "deepseek-llm", "llama-spm", "phi-3");

    [SharedDataTheory("tokenizers")]
    [MemberData(nameof(Vocabularies))]
    public void All_texts_have_the_expected_ids(string name)
    {
        string path = SharedData.Get($"tokenizers/ggml-vocab-{name}.gguf");
        Tokenizer tokenizer = Tokenizer.FromGguf(GgufMetadataFile.Read(path));
        string[] texts = Texts(path);
        string[] expected = File.ReadAllLines(path + ".out");
        Assert.Equal(46, expected.Length);
        Assert.Equal(46, texts.Length);

        Assert.All(expected.Zip(texts), line => Assert.Equal(
            line.First.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
            tokenizer.Encode(line.Second, addSpecialTokens: false)));
    }

    [SharedDataTheory("tokenizers")]
    [MemberData(nameof(Vocabularies))]
    public void All_texts_come_back(string name)
    {
        string path = SharedData.Get($"tokenizers/ggml-vocab-{name}.gguf");
        Tokenizer tokenizer = Tokenizer.FromGguf(GgufMetadataFile.Read(path));

        Assert.All(
            Texts(path),
            text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text))));
    }

    // The separator also ends the last text.
    private static string[] Texts(string path) => File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n")[..^1];
}
