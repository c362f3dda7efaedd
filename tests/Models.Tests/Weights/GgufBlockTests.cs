using System.Globalization;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

/// <summary>Quantised blocks against llama.cpp's own decoding: tests/golden/llama.cpp/README.md.</summary>
public class GgufBlockTests
{
    [Theory]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_0)]
    [InlineData(DType.Q5_1)]
    [InlineData(DType.Q4_K)]
    [InlineData(DType.Q5_K)]
    [InlineData(DType.Q6_K)]
    public void Blocks_that_llama_cpp_wrote_mean_the_numbers_that_it_reads(DType type)
    {
        string name = $"blocks-{type}.txt".ToLowerInvariant();
        string[] lines = File.ReadAllLines(Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "llama.cpp", name));
        using Tensor tensor = Tensor.Allocate(1, 256, type);
        Convert.FromHexString(lines[0]).CopyTo(tensor.Bytes);

        Assert.Equal(Array.ConvertAll(lines[1].Split(' '), text => float.Parse(text, CultureInfo.InvariantCulture)), tensor.ReadRow(0));
    }
}
