using Inference.Generation.Adapters;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors.Cpu;
using Inference.Text.Tokenizers;

namespace Inference.Generation.Bench;

/// <summary>A loaded model with its vocabulary; each measurement takes an engine of its own, so that no prefix is cached.</summary>
internal sealed class BenchModel : IDisposable
{
    private readonly CpuBackend _backend;

    public BenchModel(string path, int threads)
    {
        _backend = new CpuBackend(threads);
        Model = new TimedModel(ArchitectureRegistry.Load(path, _backend));
        if (Directory.Exists(path))
        {
            Tokenizer = Tokenizer.FromDirectory(path);
        }
        else
        {
            using GgufFile file = GgufFile.Open(path);
            Tokenizer = Tokenizer.FromGguf(file.Metadata.Values);
        }
    }

    public TimedModel Model { get; }

    public Tokenizer Tokenizer { get; }

    public string Description => $"{Model.Config.Architecture}, {Model.WeightBytes / 1e6:F1} MB, vocabulary {Model.Config.VocabularySize}, {_backend.Name}";

    public LlmEngine Start(LlmEngineOptions options, AdapterPool? adapters = null) => new("bench", Model, Tokenizer, options) { Adapters = adapters };

    /// <summary>A prompt of random tokens of the vocabulary.</summary>
    public int[] Prompt(int tokens, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(3, Model.Config.VocabularySize))];
    }

    public void Dispose()
    {
        Model.Dispose();
        _backend.Dispose();
    }

    /// <summary>Counts the time inside the model.</summary>
    internal sealed class TimedModel(ICausalModel model) : ICausalModel
    {
        private long _ticks;

        public int Steps { get; private set; }

        public ModelConfig Config => model.Config;

        public long WeightBytes => model.WeightBytes;

        public int HostThreads => model.HostThreads;

        public void RunOnHost(int count, Action<int, int> body) => model.RunOnHost(count, body);

        public TimeSpan Spent => System.Diagnostics.Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

        public Tensors.KvCache CreateKvCache(int blockCount, int blockLength, Tensors.DType type = Tensors.DType.F32) =>
            model.CreateKvCache(blockCount, blockLength, type);

        public Tensors.Readback CreateLogits(int rows) => model.CreateLogits(rows);

        public AdapterWeights Bind(LoraAdapter adapter, Tensors.DType? format = null) => model.Bind(adapter, format);

        public void Forward(ForwardBatch batch, Tensors.KvCache cache, Tensors.Tensor logits)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            model.Forward(batch, cache, logits);
            Interlocked.Add(ref _ticks, System.Diagnostics.Stopwatch.GetTimestamp() - start);
            Steps++;
        }

        public void Dispose() => model.Dispose();
    }
}
