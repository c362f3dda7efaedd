using Inference.Models;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Generation;

/// <summary>A loaded model as users see it: vocabulary, chat template, defaults, and the engine that runs it.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private const string NotYet = "loading lands next; only its surface is here";

    /// <summary>Name that requests use.</summary>
    public string Name => throw new NotSupportedException(NotYet);

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config => throw new NotSupportedException(NotYet);

    /// <summary>Sampling parameters of requests that name none (generation_config.json).</summary>
    public SamplingParameters GenerationDefaults => throw new NotSupportedException(NotYet);

    /// <summary>Runs the generations.</summary>
    public LlmEngine Engine => throw new NotSupportedException(NotYet);

    /// <summary>Bytes of the weights.</summary>
    public long WeightBytes => throw new NotSupportedException(NotYet);

    /// <summary>Loads a model and runs one tiny generation to warm it up.</summary>
    /// <param name="options">What to load.</param>
    /// <param name="backend">Runs the operations; the model owns it from here on.</param>
    /// <param name="metrics">Instruments shared by all models of the process, or null.</param>
    /// <param name="time">Clock; null is the system's.</param>
    /// <param name="loggers">Logs, or null.</param>
    /// <param name="progress">Told of each stage, or null.</param>
    /// <param name="cancellationToken">Stops between stages.</param>
    /// <exception cref="InvalidDataException">A file is missing or broken: names it.</exception>
    /// <exception cref="InvalidRequestException">The engine's options are out of range.</exception>
    public static Task<LanguageModel> OpenAsync(
        LanguageModelOptions options, IBackend backend, GenerationMetrics? metrics = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NotYet);

    /// <summary>Stops the engine and frees the weights. Drain the engine first to let requests finish.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException(NotYet);
}
