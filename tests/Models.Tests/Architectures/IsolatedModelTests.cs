using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

/// <summary>Every architecture on a backend whose memory the host does not reach: the same bits, and a step that waits for nothing but its logits.</summary>
public sealed class IsolatedModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string, DType> Models => new()
    {
        { "llama", DType.F32 }, { "llama", DType.Q8_0 }, { "qwen2", DType.BF16 }, { "mistral", DType.F32 }, { "smollm3", DType.Q4_0 },
        { "qwen3", DType.BF16 }, { "phi3", DType.F16 }, { "gemma2", DType.F32 }, { "gemma3_text", DType.Q8_0 }, { "olmo2", DType.F32 },
        { "olmo3", DType.BF16 }, { "mixtral", DType.F32 }, { "qwen3_moe", DType.Q8_0 },
    };

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_gives_the_same_bits_where_the_host_does_not_reach_its_memory(string architecture, DType type)
    {
        ModelConfig config = TinyModels.Of(architecture);
        string gguf = _directory.File("m.gguf"), huggingFace = _directory.File("m");
        RandomModel.WriteGguf(gguf, config, type, TinyModels.Seed);
        if (type.BlockLength() == 1)
        {
            RandomModel.WriteHuggingFace(huggingFace, config, type, TinyModels.Seed);
        }

        foreach (string path in new[] { gguf, huggingFace }.Where(Path.Exists))
        {
            using CpuBackend cpu = new(threads: 2);
            using IsolatedBackend isolated = new(new CpuBackend(threads: 2));
            Assert.Equal(Logits(path, cpu), Logits(path, isolated));
            Assert.Equal(0, isolated.Bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_decode_step_waits_for_its_logits_alone(string architecture, DType type)
    {
        ModelConfig config = TinyModels.Of(architecture);
        RandomModel.WriteGguf(_directory.File("m.gguf"), config, type, TinyModels.Seed);
        using IsolatedBackend backend = new(new CpuBackend(threads: 1));
        using ICausalModel model = ArchitectureRegistry.Load(_directory.File("m.gguf"), backend);
        using ModelSequence sequence = new(model, capacity: 64);
        sequence.Feed(TinyModels.Prompt(9));
        sequence.Feed([7]);
        Assert.Equal(0, backend.Repetitions);
        (int allocations, int uploads, int downloads, int readbacks) = (backend.Allocations, backend.Uploads, backend.Downloads, backend.Readbacks);

        sequence.Feed([3]);

        // A router's choice is made on the host, once a layer.
        int routers = config.Experts is null ? 0 : config.LayerCount;
        Assert.Equal(routers == 0 ? 1 : 0, backend.Repetitions);
        Assert.Equal((allocations, uploads, downloads + routers, readbacks + 1), (backend.Allocations, backend.Uploads, backend.Downloads, backend.Readbacks));
    }

    [Fact]
    public void Neither_side_reads_the_others_memory()
    {
        using IsolatedBackend backend = new(new CpuBackend(threads: 1));
        using Tensor device = backend.Allocate(2, 3), host = Tensor.From(2, 3, [1, 2, 3, 4, 5, 6]), back = Tensor.Allocate(2, 3);

        Assert.Contains("isolated", Assert.Throws<InvalidOperationException>(() => device.Slice(1, 1).Row(0)[0]).Message);
        Assert.Throws<InvalidOperationException>(() => device.ReadRow(1));
        Assert.Throws<InvalidOperationException>(device.Clear);
        Assert.Throws<InvalidOperationException>(() => device.CopyFrom(host));
        Assert.Throws<InvalidOperationException>(() => backend.Add(host, device));

        backend.Copy(host, device);
        backend.Add(device, device);
        using (HostTensor changed = backend.ChangeOnHost(device.Slice(1, 1)))
        {
            changed.Row(0)[2] = -1;
        }

        backend.Copy(device, back);
        Assert.Equal([2, 4, 6, 8, 10, -1], back.Span.ToArray());
        Assert.Throws<ArgumentException>(() => backend.Copy(device, Tensor.Allocate(3, 2)));
    }

    [Fact]
    public void A_step_that_could_not_be_repeated_is_caught()
    {
        using IsolatedBackend backend = new(new CpuBackend(threads: 1));
        using Tensor table = backend.Allocate(4, 8), x = backend.Allocate(2, 8), other = backend.Allocate(2, 8);
        int[] ids = [1, 3];
        StepInputs inputs = new(ids, [], [], [], []);
        void Run(Action body) => backend.Step("key", inputs, body);
        Run(() => backend.Embedding(table, ids, x));
        Run(() => backend.Embedding(table, ids, x));

        Assert.Equal(1, backend.Repetitions);
        Assert.Contains("not like the one before", Assert.Throws<InvalidOperationException>(() => Run(() => backend.Embedding(table, ids, other))).Message);
        Assert.Throws<InvalidOperationException>(() => Run(() => { }));
        Assert.Contains("indices", Assert.Throws<InvalidOperationException>(() => Run(() => backend.Embedding(table, [1, 3], x))).Message);
        Assert.Contains("allocates", Assert.Throws<InvalidOperationException>(() => Run(() => backend.Allocate(1, 1))).Message);
        Assert.Contains("copies", Assert.Throws<InvalidOperationException>(() => Run(() => backend.ReadOnHost(x))).Message);
        Assert.Contains("waits", Assert.Throws<InvalidOperationException>(() => Run(() => backend.SumOfSquares(x))).Message);
        backend.Step(null, inputs, () => backend.Embedding(table, [0, 2], other));
        Assert.Equal(1, backend.Repetitions);
    }

    private static float[][] Logits(string path, IBackend backend)
    {
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using ModelSequence sequence = new(model, capacity: 320, type: DType.F16);
        return [sequence.Feed(TinyModels.Prompt(41), chunk: 16), sequence.Feed([3]), sequence.Feed([7])];
    }
}
