using Inference.TestSupport;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>add_bos_token and add_eos_token of tokenizer_config.json.</summary>
public class ConfigFlagsTests
{
    [Theory]
    [InlineData("LlamaTokenizerFast", true, true, new[] { 1, 'a' + 3, 2 })]
    [InlineData("LlamaTokenizer", true, false, new[] { 1, 'a' + 3 })]
    [InlineData("GemmaTokenizer", false, false, new[] { 'a' + 3 })]
    [InlineData("PreTrainedTokenizerFast", true, true, new[] { 'a' + 3 })]
    public void The_classes_of_llama_and_gemma_obey_them_and_others_the_post_processor(string name, bool addsBos, bool addsEos, int[] ids)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("tokenizer.json"), SmallTokenizers.SentencePiece([], []).ToJsonString().Replace("\"Prepend\",\"prepend\":\"\\u2581\"", "\"Strip\"", StringComparison.Ordinal));
        File.WriteAllText(directory.File("tokenizer_config.json"), $$"""
            {"tokenizer_class":"{{name}}","add_bos_token":{{(addsBos ? "true" : "false")}},"add_eos_token":{{(addsEos ? "true" : "false")}},"bos_token":"<s>","eos_token":"</s>"}
            """);

        Assert.Equal(ids, Tokenizer.FromDirectory(directory.Path).Encode("a"));
    }
}
