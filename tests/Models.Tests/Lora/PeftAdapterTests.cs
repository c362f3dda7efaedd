using System.Text.Json;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Lora;

public sealed class PeftAdapterTests : IDisposable
{
    private static readonly ModelConfig Base = ModelShapes.Find("tiny");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(DType.F32, false)]
    [InlineData(DType.BF16, true)]
    public void A_written_adapter_reads_back_with_the_names_of_PEFT(DType type, bool dora)
    {
        LoraConfig config = new()
        {
            Rank = 2,
            Alpha = 6,
            UseDora = dora,
            TargetModules = TargetModules.FromNames("q_proj", "down_proj"),
            RankPattern = new Dictionary<string, int> { ["down_proj"] = 3 },
        };
        RandomAdapter.Write(_directory.Path, Base, config, seed: 1, type);

        using LoraAdapter adapter = PeftAdapter.Open(_directory.Path);
        using SafetensorsFile file = SafetensorsFile.Open(_directory.File(PeftAdapter.TensorsName));

        adapter.CheckFits(Base);
        Assert.Equal(2 * Base.LayerCount, adapter.Modules.Count);
        LoraModule down = adapter.Modules.Single(m => m.Name == "model.layers.1.mlp.down_proj");
        Assert.Equal(3, down.Rank);
        Assert.Equal(2, down.Scale);
        Assert.Equal(type, down.A.Type);
        Assert.Equal([3L, Base.IntermediateSize], file.Tensors["base_model.model.model.layers.1.mlp.down_proj.lora_A.weight"].Shape);
        Assert.Equal([Base.HiddenSize, 3L], file.Tensors["base_model.model.model.layers.1.mlp.down_proj.lora_B.weight"].Shape);
        Assert.Equal(dora, file.Tensors.ContainsKey("base_model.model.model.layers.1.mlp.down_proj.lora_magnitude_vector"));
        Assert.Equal(dora, down.Magnitude is not null);
    }

    [Fact]
    public void The_hash_is_that_of_the_content()
    {
        LoraConfig config = new() { Rank = 2, TargetModules = TargetModules.AllLinear };
        string[] hashes =
        [
            .. new[] { (config, 1), (config, 1), (config, 2), (config with { Alpha = 9 }, 1) }.Select((c, i) =>
            {
                using LoraAdapter adapter = PeftAdapter.Open(RandomAdapter.Write(_directory.File($"{i}"), Base, c.Item1, c.Item2));
                return adapter.ContentHash;
            }),
        ];

        Assert.Equal(hashes[0], hashes[1]);
        Assert.Equal(3, hashes.Distinct().Count());
    }

    [Fact]
    public void An_adapter_of_another_base_is_refused_with_layer_and_shapes()
    {
        LoraConfig config = new() { Rank = 2, TargetModules = TargetModules.FromNames("q_proj") };
        RandomAdapter.Write(_directory.File("wide"), Base with { HiddenSize = 128 }, config, 1);
        RandomAdapter.Write(_directory.File("deep"), Base with { LayerCount = 3 }, config, 1);
        RandomAdapter.Write(_directory.File("shallow"), Base with { LayerCount = 1 }, config, 1);

        Assert.Contains("[64, 64], the adapter is for [64, 128]", Refused("wide"), StringComparison.Ordinal);
        Assert.Contains("no linear layer 'model.layers.2.self_attn.q_proj'", Refused("deep"), StringComparison.Ordinal);
        Assert.Contains("'model.layers.1.self_attn.q_proj', of which the file has no tensors", Refused("shallow"), StringComparison.Ordinal);

        string Refused(string name)
        {
            using LoraAdapter adapter = PeftAdapter.Open(_directory.File(name));
            return Assert.Throws<ModelFormatException>(() => adapter.CheckFits(Base)).Message;
        }
    }

    [Theory]
    [InlineData("lora_B.weight", "lacks a tensor 'lora_A.weight'", 4, 2)]
    [InlineData("lora_A.weight", "lacks a tensor 'lora_B.weight'", 2, 4)]
    [InlineData("lora_embedding_A", "is not supported", 2, 4)]
    [InlineData("weight", "is not supported", 2, 4)]
    public void Tensors_that_are_missing_or_unknown_are_refused(string part, string expected, int rows, int columns)
    {
        Write($"base_model.model.model.layers.0.self_attn.q_proj.{part}", rows, columns);

        Assert.Contains(expected, Opened(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_unlike_the_configuration_s_is_refused()
    {
        RandomAdapter.Write(_directory.Path, Base, new LoraConfig { Rank = 2, TargetModules = TargetModules.AllLinear }, 1);
        PeftConfigFile.Write(_directory.File(PeftConfigFile.Name), new LoraConfig { Rank = 4, TargetModules = TargetModules.AllLinear });

        Assert.Contains("lora_A [4, in]", Opened(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_no_target_is_refused()
    {
        RandomAdapter.Write(_directory.Path, Base, new LoraConfig { Rank = 2, TargetModules = TargetModules.AllLinear }, 1);
        PeftConfigFile.Write(_directory.File(PeftConfigFile.Name), new LoraConfig { Rank = 2, TargetModules = TargetModules.FromNames("q_proj") });

        Assert.Contains("is none of the target_modules (q_proj)", Opened(), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_torn_and_pickled_files_are_refused()
    {
        Assert.Contains("no adapter_config.json", Opened(), StringComparison.Ordinal);
        RandomAdapter.Write(_directory.Path, Base, new LoraConfig { Rank = 2, TargetModules = TargetModules.AllLinear }, 1);
        byte[] bytes = File.ReadAllBytes(_directory.File(PeftAdapter.TensorsName));
        File.WriteAllBytes(_directory.File(PeftAdapter.TensorsName), bytes[..^5]);
        Assert.Contains("outside of the", Opened(), StringComparison.Ordinal);
        File.Delete(_directory.File(PeftAdapter.TensorsName));
        File.WriteAllBytes(_directory.File("adapter_model.bin"), bytes);
        Assert.Contains("adapter_model.bin holds Python objects", Opened(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_model.model.model.language_model.layers.0.self_attn.q_proj")]
    [InlineData("base_model.model.language_model.model.layers.0.self_attn.q_proj")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj")]
    public void Names_of_models_that_see_images_are_those_of_the_decoder(string name)
    {
        using Tensor a = Tensor.Allocate(2, 64), b = Tensor.Allocate(64, 2);
        SafetensorsWriter.Write(
            _directory.File(PeftAdapter.TensorsName),
            [TensorSource.FromTensor($"{name}.lora_A.weight", a, DType.F32), TensorSource.FromTensor($"{name}.lora_B.weight", b, DType.F32)]);
        File.WriteAllText(_directory.File(PeftConfigFile.Name), JsonSerializer.Serialize(new { peft_type = "LORA", r = 2 }));

        using LoraAdapter adapter = PeftAdapter.Open(_directory.Path);

        Assert.Equal("model.layers.0.self_attn.q_proj", adapter.Modules.Single().Name);
    }

    private void Write(string tensor, int rows, int columns)
    {
        using Tensor numbers = Tensor.Allocate(rows, columns);
        SafetensorsWriter.Write(_directory.File(PeftAdapter.TensorsName), [TensorSource.FromTensor(tensor, numbers, DType.F32)]);
        PeftConfigFile.Write(_directory.File(PeftConfigFile.Name), new LoraConfig { Rank = 2 });
    }

    private string Opened() => Assert.Throws<ModelFormatException>(() => PeftAdapter.Open(_directory.Path)).Message;
}
