using System.Globalization;
using System.Text.Json.Nodes;
using Inference.TestSupport;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Real tokenizer files against ids that Hugging Face's and llama.cpp's tokenizers gave.</summary>
public class RealFilesTests
{
    [SharedDataTheory("hf/expected")]
    [InlineData("gpt2_encoded_tokens", "gpt-2")]
    [InlineData("llama_encoded", "llama-spm")]
    public void A_long_text_has_the_expected_ids_and_comes_back(string expected, string vocabulary)
    {
        JsonNode golden = Expected(expected);
        Tokenizer tokenizer = Gguf(vocabulary);
        int[] ids = [.. golden["token_ids"]!.AsArray().Select(id => (int)id!)];

        Assert.Equal(ids, tokenizer.Encode((string)golden["text"]!));
        Assert.Equal((string)golden["decoded_text"]!, tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal(golden["bpe_tokens"]!.AsArray().Select(t => (int?)tokenizer.IdOf((string)t!)), ids.Where(id => !tokenizer.IsSpecial(id)).Select(id => (int?)id));
    }

    [SharedDataFact("hf/phi-3-mini")]
    public void Phi_3_from_json_gives_the_ids_that_it_gives_from_gguf()
    {
        Tokenizer tokenizer = Tokenizer.FromDirectory(SharedData.Get("hf/phi-3-mini"));
        string path = SharedData.Get("tokenizers/ggml-vocab-phi-3.gguf");
        string[] texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n")[..^1];

        Assert.All(File.ReadAllLines(path + ".out").Zip(texts), line =>
        {
            int[] ids = tokenizer.Encode(line.Second, addSpecialTokens: false);
            Assert.Equal(line.First.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)), ids);
            Assert.Equal(line.Second, tokenizer.Decode(ids));
        });
    }

    [SharedDataFact("hf/phi-3-mini")]
    public void Phi_3_reads_its_configuration_and_special_tokens()
    {
        Tokenizer tokenizer = Tokenizer.FromDirectory(SharedData.Get("hf/phi-3-mini"));

        Assert.Equal((1, 32000, 32000, 0), (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId, tokenizer.UnknownTokenId));
        Assert.Contains("<|assistant|>", tokenizer.Config.ChatTemplate);
        Assert.Equal(32011, tokenizer.VocabularySize);
        Assert.Equal([32010, 22172, 32007], tokenizer.Encode("<|user|> hello<|end|>", parseSpecial: true));
        Assert.DoesNotContain(32010, tokenizer.Encode("<|user|> hello<|end|>"));
        Assert.Equal(" "u8, tokenizer.TokenBytes(29871));
        Assert.Equal("\n"u8, tokenizer.TokenBytes(13));
    }

    [SharedDataFact("hf/added-tokens")]
    public void Added_tokens_beyond_the_vocabulary_come_back()
    {
        Tokenizer tokenizer = Tokenizer.FromDirectory(SharedData.Get("hf/added-tokens"));

        // The file's vocabulary has no "▁", which its normalizer puts before the line feed.
        Assert.Equal([1, 32010, 0, 13, 32009], tokenizer.Encode("<s><|user|>\n<|placeholder6|>", parseSpecial: true));
        Assert.Equal("<s><|user|>\n<|placeholder6|>", tokenizer.Decode([1, 32010, 13, 32009], skipSpecialTokens: false));
        Assert.Equal(32011, tokenizer.VocabularySize);
    }

    [SharedDataFact("hf")]
    public void T5_from_json_has_the_expected_ids()
    {
        JsonNode golden = Expected("t5_base_encoded");
        Tokenizer tokenizer = Tokenizer.FromDirectory(SharedData.Get("hf/t5-small"));

        int[] ids = tokenizer.Encode((string)golden["text"]!);

        Assert.Equal(golden["token_ids"]!.AsArray().Select(id => (int)id!), ids);
        Assert.Equal(golden["bpe_tokens"]!.AsArray().Select(t => tokenizer.IdOf((string)t!)), ids[..^1].Select(id => (int?)id));
        Assert.Equal((string)golden["decoded_text"]!, tokenizer.Decode(ids, skipSpecialTokens: false));
    }

    [SharedDataFact("hf")]
    public void Bert_has_the_expected_ids_from_json_and_from_gguf()
    {
        JsonNode golden = Expected("bert_uncased_encoded");
        string[] vocabulary = File.ReadAllLines(SharedData.Get("hf/bert-base-uncased/vocab.txt"));
        Tokenizer[] both = [SmallTokenizers.Load(SmallTokenizers.WordPiece(vocabulary)), Tokenizer.FromGguf(SmallTokenizers.WordPieceGguf(vocabulary))];

        Assert.All(both, tokenizer =>
        {
            int[] ids = tokenizer.Encode((string)golden["text"]!);
            Assert.Equal(golden["token_ids"]!.AsArray().Select(id => (int)id!), ids);
            Assert.StartsWith("fatouville - grestain est une commune du nord - ouest du departement de l", tokenizer.Decode(ids));
        });
    }

    private static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(SharedData.Get($"hf/expected/{name}.json")))!;

    private static Tokenizer Gguf(string name) => Tokenizer.FromGguf(GgufMetadataFile.Read(SharedData.Get($"tokenizers/ggml-vocab-{name}.gguf")));
}
