using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Cli.Tests;

/// <summary>`inference models merge` on the bundled model. What a merged model answers is proven in Models.Tests.</summary>
public sealed class MergeModelTests : IDisposable
{
    private const string Module = "model.layers.0.self_attn.q_proj";

    private static readonly string Base = Path.Combine(SharedData.RepositoryRoot, "models", "demo");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_merged_model_has_the_adapter_in_its_weights_and_all_that_the_base_has_beside_them()
    {
        LoraConfig lora = new() { Rank = 2, Alpha = 4, TargetModules = TargetModules.FromNames("q_proj") };
        string adapter = RandomAdapter.Write(_directory.File("adapter"), HuggingFaceConfig.Read(Base), lora, seed: 3);

        CliProcess merge = await CliProcess.RunAsync("", "models", "merge", Base, adapter, "--output", _directory.File("merged"));

        Assert.Equal((0, $"{_directory.File("merged")}\n", ""), (merge.ExitCode, merge.Output, merge.Errors));
        foreach (string file in (string[])["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Base, file)), await File.ReadAllBytesAsync(_directory.File($"merged/{file}")));
        }

        using ModelWeights before = ModelWeights.Open(Base), after = ModelWeights.Open(_directory.File("merged"));
        using LoraAdapter change = PeftAdapter.Open(adapter);
        Tensor old = before.Matrix($"{Module}.weight", 256, 256), merged = after.Matrix($"{Module}.weight", 256, 256);
        LoraModule module = change.Modules.Single(m => m.Name == Module);
        for (int row = 0; row < 256; row += 17)
        {
            for (int column = 0; column < 256; column += 13)
            {
                // W + 2 B A, rounded to BF16: 8 bits of precision.
                float sum = 0;
                for (int k = 0; k < 2; k++)
                {
                    sum += module.B.Row(row)[k] * module.A.Row(k)[column];
                }

                float expected = BFloat16(old, row, column) + (2 * sum);
                Assert.InRange(BFloat16(merged, row, column) - expected, -MathF.Abs(expected) / 256, MathF.Abs(expected) / 256);
            }
        }

        Tensor untouched = before.Matrix("model.layers.0.self_attn.k_proj.weight", 128, 256);
        Assert.True(untouched.Bytes.SequenceEqual(after.Matrix("model.layers.0.self_attn.k_proj.weight", 128, 256).Bytes));
    }

    [Fact]
    public async Task What_cannot_be_merged_exits_with_2_and_the_reason()
    {
        LoraConfig lora = new() { Rank = 1, TargetModules = TargetModules.AllLinear };
        string wide = RandomAdapter.Write(_directory.File("wide"), HuggingFaceConfig.Read(Base) with { HiddenSize = 512 }, lora, seed: 3);

        CliProcess missing = await CliProcess.RunAsync("", "models", "merge", Base, _directory.File("nowhere"), "-o", _directory.File("out"));
        CliProcess other = await CliProcess.RunAsync("", "models", "merge", Base, wide, "-o", _directory.File("out"));
        CliProcess full = await CliProcess.RunAsync("", "models", "merge", Base, wide, "-o", Base);

        Assert.Equal([2, 2, 2], [missing.ExitCode, other.ExitCode, full.ExitCode]);
        Assert.Contains("nowhere", missing.Errors);
        Assert.Contains("another base", other.Errors);
        Assert.Contains($"'{Base}' is not empty", full.Errors);
        Assert.False(Directory.Exists(_directory.File("out")));
    }

    private static float BFloat16(Tensor tensor, int row, int column) =>
        BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(tensor.Bytes.Slice((int)(row * tensor.RowBytes) + (2 * column), 2)) << 16);
}
