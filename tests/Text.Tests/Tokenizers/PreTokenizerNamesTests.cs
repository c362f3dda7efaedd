using System.Text.Json.Nodes;
using Inference.TestSupport;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>The names of tokenizer.ggml.pre against llama.cpp: tests/golden/llama.cpp/README.md.</summary>
public class PreTokenizerNamesTests
{
    private const string Vocabulary = "tokenizers/ggml-vocab-gpt-2.gguf";

    private static readonly JsonNode Golden = JsonNode.Parse(File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "llama.cpp", "pre-tokenizers.json")))!;

    public static TheoryData<string> Names => [.. Golden["ids"]!.AsObject().Select(n => n.Key)];

    [SharedDataTheory(Vocabulary)]
    [MemberData(nameof(Names))]
    public void All_texts_have_the_ids_that_llama_cpp_gives(string name)
    {
        Dictionary<string, object> metadata = GgufMetadataFile.Read(SharedData.Get(Vocabulary));
        metadata["tokenizer.ggml.pre"] = name;
        Tokenizer tokenizer = Tokenizer.FromGguf(metadata);
        string[] texts = [.. Golden["texts"]!.AsArray().Select(t => (string)t!)];
        string[] expected = [.. Golden["ids"]![name]!.AsArray().Select(t => (string)t!)];

        Assert.Equal(28, texts.Length);
        Assert.Equal(expected, texts.Select(t => string.Join(' ', tokenizer.Encode(t, addSpecialTokens: false))));
    }

    [SharedDataFact(Vocabulary)]
    public void A_mark_belongs_to_the_word_before_a_contraction_in_the_pattern_of_gpt_4o()
    {
        Dictionary<string, object> metadata = GgufMetadataFile.Read(SharedData.Get(Vocabulary));
        metadata["tokenizer.ggml.pre"] = "gpt-4o";
        Tokenizer tokenizer = Tokenizer.FromGguf(metadata);

        // "e", the two bytes of U+0301, "'s" as one piece: "e\u0301's" is one word of the pattern.
        Assert.Equal([68, 136, 223, 338], tokenizer.Encode("e\u0301's"));
    }
}
