using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests;

public sealed class ModelShapesTests
{
    /// <summary>The sizes that the checkpoints' safetensors files have.</summary>
    [Theory]
    [InlineData("qwen2.5-0.5b", 494_032_768)]
    [InlineData("llama-3.2-1b", 1_235_814_400)]
    [InlineData("smollm2-135m", 134_515_008)]
    [InlineData("mistral-7b", 7_241_732_096)]
    [InlineData("qwen3-0.6b", 596_049_920)]
    [InlineData("qwen3-30b-a3b", 30_532_122_624)]
    [InlineData("gemma-3-1b", 999_885_952)]
    public void A_known_shape_has_the_checkpoint_s_number_of_parameters(string name, long parameters)
    {
        ModelConfig config = ModelShapes.Find(name);

        Assert.Equal(parameters, ArchitectureRegistry.Find(config.Architecture)!.Tensors(config).Sum(t => t.Shape.Aggregate(1L, (product, n) => product * n)));
    }

    [Fact]
    public void A_written_model_s_shape_is_read_back_from_its_directory_and_its_config()
    {
        using TemporaryDirectory directory = new();
        RandomModel.WriteHuggingFace(directory.Path, ModelShapes.Find("tiny"), DType.BF16, seed: 1);

        foreach (string path in new[] { directory.Path, directory.File("config.json") })
        {
            Assert.Equivalent(ModelShapes.Find("tiny"), ModelShapes.Find(path));
        }
    }

    [Fact]
    public void An_unknown_shape_is_named_with_the_known_ones()
    {
        string message = Assert.Throws<ArgumentException>(() => ModelShapes.Find("gpt-5")).Message;

        Assert.Contains("gpt-5", message);
        Assert.All(ModelShapes.Names, name => Assert.Contains(name, message));
    }
}
