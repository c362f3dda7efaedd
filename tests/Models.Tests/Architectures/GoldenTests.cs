using System.Text.Json;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.TestSupport;
using Xunit.Abstractions;

namespace Inference.Models.Tests.Architectures;

/// <summary>Logits and greedy tokens against llama.cpp's on the same files: tests/golden/llama.cpp/README.md.</summary>
public class GoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string backend in (string[])["reference", "cpu"])
            {
                foreach ((string name, _, _, _) in TinyModels.Golden)
                {
                    cases.Add(backend, name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_and_greedy_tokens_are_those_of_llama_cpp(string backendName, string name)
    {
        (_, ModelConfig config, DType type, double tolerance) = TinyModels.Golden.Single(g => g.Name == name);
        (int[] prompt, double[] expected, int[] greedy) = Golden(name);
        using TemporaryDirectory directory = new();
        string path = directory.File("model.gguf");
        RandomModel.WriteGguf(path, config, type, TinyModels.Seed);
        using IBackend backend = Backends.Create(backendName);
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using ModelSequence sequence = new(model, capacity: 128);

        float[] logits = sequence.Feed(prompt);

        AssertClose(expected, logits, tolerance, $"{backendName} {name}");
        if (type == DType.F32)
        {
            using ModelSequence fresh = new(model, capacity: 128);
            Assert.Equal(greedy, fresh.Greedy(prompt, greedy.Length));
        }
    }

    [Theory]
    [InlineData("llama-f16")]
    [InlineData("llama-bf16")]
    [InlineData("llama-q8_0")]
    [InlineData("llama-q4_0")]
    [InlineData("qwen2-bf16")]
    [InlineData("qwen2-q8_0")]
    [InlineData("qwen2-q4_0")]
    [InlineData("wide-q4_1")]
    [InlineData("wide-q5_0")]
    [InlineData("wide-q5_1")]
    [InlineData("wide-q4_k")]
    [InlineData("wide-q5_k")]
    [InlineData("wide-q6_k")]
    public void Rounded_weights_mean_the_numbers_that_llama_cpp_computes_with_in_f32(string name)
    {
        (_, ModelConfig config, DType type, _) = TinyModels.Golden.Single(g => g.Name == name);
        (int[] prompt, double[] expected, int[] greedy) = Golden($"{name}-dequantised");
        using TemporaryDirectory directory = new();
        string path = directory.File("model.gguf");
        RandomModel.WriteGguf(path, config, type, TinyModels.Seed);
        using IBackend backend = Backends.Create("reference");
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using ModelSequence sequence = new(model, capacity: 128);

        AssertClose(expected, sequence.Feed(prompt), 1e-5, name);

        using ModelSequence fresh = new(model, capacity: 128);
        Assert.Equal(greedy, fresh.Greedy(prompt, greedy.Length));
    }

    private void AssertClose(double[] expected, float[] logits, double tolerance, string what)
    {
        Assert.Equal(expected.Length, logits.Length);
        double difference = expected.Zip(logits, (e, l) => Math.Abs(e - l)).Max() / expected.Max(Math.Abs);
        output.WriteLine($"{what}: {difference:G3} of the largest logit");
        Assert.InRange(difference, 0, tolerance);
    }

    private static (int[] Prompt, double[] Logits, int[] Greedy) Golden(string name)
    {
        using JsonDocument golden = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "llama.cpp", $"{name}.json")));
        double[] logits = [.. golden.RootElement.GetProperty("logits").EnumerateArray().Select(v => v.GetDouble())];
        return (Integers(golden, "prompt"), logits, Integers(golden, "greedy"));
    }

    private static int[] Integers(JsonDocument json, string key) => [.. json.RootElement.GetProperty(key).EnumerateArray().Select(v => v.GetInt32())];
}
