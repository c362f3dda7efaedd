using Inference.Generation.Adapters;
using Inference.Generation.Speculation;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Generation;

/// <summary>A loaded model as users see it: vocabulary, chat template, defaults, and the engine that runs it.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private readonly ICausalModel _model;
    private readonly ICausalModel? _draft;
    private readonly AdapterPool _adapters;
    private readonly IBackend _backend;

    private LanguageModel(string name, ICausalModel model, ICausalModel? draft, AdapterPool adapters, IBackend backend, LlmEngine engine, Tokenizer tokenizer, ChatTemplate? template, SamplingParameters defaults)
    {
        (Name, _model, _draft, _adapters, _backend, Engine) = (name, model, draft, adapters, backend, engine);
        (Tokenizer, ChatTemplate, GenerationDefaults) = (tokenizer, template, defaults);
    }

    /// <summary>Name that requests use.</summary>
    public string Name { get; }

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config => _model.Config;

    /// <summary>Text to token ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Chat messages to a prompt; null where the model has no template, or one that cannot be read (the log says so).</summary>
    public ChatTemplate? ChatTemplate { get; }

    /// <summary>Sampling parameters of requests that name none (generation_config.json).</summary>
    public SamplingParameters GenerationDefaults { get; }

    /// <summary>Runs the generations.</summary>
    public LlmEngine Engine { get; }

    /// <summary>The adapters that requests may name.</summary>
    public AdapterPool Adapters => _adapters;

    /// <summary>Bytes of the weights.</summary>
    public long WeightBytes => _model.WeightBytes;

    /// <summary>Loads a model: reads its tokenizer and meanwhile maps its weights. Nothing is run: the first request finds its weights as fast as a warm-up would.</summary>
    /// <param name="options">What to load.</param>
    /// <param name="backend">Runs the operations; the model owns it from here on, whether it loads or not.</param>
    /// <param name="metrics">Instruments shared by all models of the process, or null.</param>
    /// <param name="time">Clock; null is the system's.</param>
    /// <param name="loggers">Logs, or null.</param>
    /// <param name="progress">Told of each stage, or null.</param>
    /// <param name="cancellationToken">Stops between stages.</param>
    /// <exception cref="ModelFormatException">The path, or a file of the model, is missing, broken or not supported: names it.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary cannot be read: names the field.</exception>
    /// <exception cref="InvalidRequestException">The engine's options are out of range.</exception>
    public static Task<LanguageModel> OpenAsync(
        LanguageModelOptions options, IBackend backend, GenerationMetrics? metrics = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => LoadAsync(options, backend, metrics, time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, progress, cancellationToken), CancellationToken.None);

    /// <summary>Stops the engine and frees the weights. Drain the engine first to let requests finish.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _adapters.Dispose();
        _model.Dispose();
        _draft?.Dispose();
        _backend.Dispose();
    }

    private static async Task<LanguageModel> LoadAsync(
        LanguageModelOptions options, IBackend backend, GenerationMetrics? metrics, TimeProvider time,
        ILoggerFactory loggers, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger<LanguageModel>();
        long began = time.GetTimestamp();
        ICausalModel? model = null;
        ICausalModel? draft = null;
        LlmEngine? engine = null;
        Task<Tokenizer>? reading = null;
        try
        {
            Report(ModelLoadStage.Open, 0, options.Path);
            if (options.Engine.Validate() is { Count: > 0 } violations)
                throw new InvalidRequestException(violations);
            if (!Path.Exists(options.Path))
                throw new ModelFormatException(options.Path, "there is no such file or directory");
            SamplingParameters defaults = Directory.Exists(options.Path) ? GenerationConfigFile.Read(options.Path) : new SamplingParameters();

            Report(ModelLoadStage.Tokenizer, 0.05, options.Path);
            reading = options.Tokenizer ?? Task.Run(() => ReadTokenizer(options.Path), CancellationToken.None);

            Report(ModelLoadStage.Weights, 0.2, options.Path);
            model = ArchitectureRegistry.Load(options.Path, backend);
            Tokenizer tokenizer = await reading.ConfigureAwait(false);
            if (options.DraftPath is { } path)
            {
                if (!Path.Exists(path))
                    throw new ModelFormatException(path, "there is no such file or directory");
                DraftVocabulary.Check(path, tokenizer, ReadTokenizer(path));
                draft = ArchitectureRegistry.Load(path, backend);
            }

            ChatTemplate? template = ParseTemplate(tokenizer.Config.ChatTemplate, options.Name, logger);
            LlmEngineOptions limits = options.Engine with
            {
                EosTokenIds = [.. options.Engine.EosTokenIds, .. new[] { tokenizer.EosTokenId, tokenizer.EndOfTurnTokenId }.OfType<int>()],
            };
            AdapterPool adapters = new(model, options.Adapters, time, loggers.CreateLogger<AdapterPool>());
            engine = new LlmEngine(options.Name, model, tokenizer, limits, metrics, time, loggers.CreateLogger<LlmEngine>(), draft) { Adapters = adapters };

            Report(ModelLoadStage.Ready, 1, backend.Name);
            EngineLog.ModelReady(logger, options.Name, model.WeightBytes, time.GetElapsedTime(began).TotalSeconds);
            return new LanguageModel(options.Name, model, draft, adapters, backend, engine, tokenizer, template, defaults);
        }
        catch
        {
            if (reading is not null)
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (engine is not null)
                await engine.DisposeAsync().ConfigureAwait(false);
            model?.Dispose();
            draft?.Dispose();
            backend.Dispose();
            throw;
        }

        void Report(ModelLoadStage stage, double fraction, string detail)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new ModelLoadProgress(stage, fraction, detail));
        }
    }

    /// <summary>Reads a model's tokenizer alone.</summary>
    /// <param name="path">A directory in Hugging Face's form, or a .gguf file.</param>
    /// <exception cref="ModelFormatException">A file is missing or broken.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary cannot be read: names the field.</exception>
    public static Tokenizer ReadTokenizer(string path) => Directory.Exists(path) ? Tokenizer.FromDirectory(path) : ReadGgufTokenizer(path);

    private static Tokenizer ReadGgufTokenizer(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return Tokenizer.FromGguf(file.Metadata.Values);
    }

    private static ChatTemplate? ParseTemplate(string? source, string name, ILogger logger)
    {
        try
        {
            return source is null ? null : ChatTemplate.Parse(source);
        }
        catch (ChatTemplateException error)
        {
            EngineLog.TemplateUnreadable(logger, error, name);
            return null;
        }
    }
}
