using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>In every format of weights and of the KV cache: a request alone, in a batch of 32, and from the prefix cache has the same tokens.</summary>
public class WeightFormatTests
{
    private static readonly ModelConfig Shape = ModelShapes.Find("tiny") with
    {
        VocabularySize = ToyTokenizer.VocabularySize,
        HiddenSize = 256,
        IntermediateSize = 512,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadDimension = 64,
        TieWordEmbeddings = false,
        EosTokenIds = [ToyTokenizer.Eos],
    };

    public static TheoryData<DType, DType> Formats()
    {
        TheoryData<DType, DType> data = [];
        foreach (DType weights in Enum.GetValues<DType>())
            data.Add(weights, DType.F16);
        foreach (DType cache in Enum.GetValues<DType>().Where(t => KvCache.Supports(t) && t != DType.F16))
            data.Add(DType.BF16, cache);
        return data;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_request_has_the_same_tokens_alone_in_a_batch_of_32_and_from_the_prefix_cache(DType weights, DType cache)
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("random.gguf");
        RandomModel.WriteGguf(path, Shape, weights, seed: 3);
        using CpuBackend backend = new(2);
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 32).Select(i =>
            Request("A prompt that all begin with, longer than two blocks of the cache; " + new string('x', i), new SamplingParameters
            {
                Temperature = 2 * (i % 2),
                MaxTokens = 12 + (i % 5),
                Seed = i,
                IgnoreEos = true,
            }))];

        List<List<int>> alone = [];
        await using (LlmEngine engine = Start(new LlmEngineOptions { PrefixCache = false, KvCacheType = cache }, model))
        {
            foreach (GenerationRequest request in requests)
                alone.Add((await Collect(engine, request)).Tokens[0]);
        }

        await using LlmEngine together = Start(new LlmEngineOptions { PrefillChunk = 50, KvCacheType = cache }, model);
        for (int round = 0; round < 2; round++)
        {
            Result[] results = await Task.WhenAll(requests.Select(r => Collect(together, r)));
            Assert.Equal(alone, results.Select(r => r.Tokens[0]));
        }

        Assert.True(together.Statistics.PrefixCacheHits > 32 * 64, "the second round's prompts come from the cache");
        Assert.True(alone.SelectMany(t => t).Distinct().Count() > 20, "the answers differ");
    }
}
