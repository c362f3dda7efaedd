using System.Text;
using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>A Whisper model as a recogniser: clips of any length, and streams.</summary>
public sealed class WhisperRecognizer : ISpeechRecognizer
{
    /// <summary>The loudest 100 ms of what counts as silence, as root mean square: -60 dB of full scale.</summary>
    private const double SilenceLevel = 1e-3;

    private const int LoudnessSamples = LogMelSpectrogram.SampleRate / 10;

    private readonly IBackend _backend;
    private readonly CpuFrontEnd _frontEnd;
    private readonly Whisper _model;
    private readonly WhisperVocabulary _vocabulary;
    private readonly WhisperEngine _engine;
    private readonly RecognizerOptions _options;

    private WhisperRecognizer(string name, string path, Whisper model, IBackend backend, RecognizerOptions options)
    {
        (Name, _model, _backend, _options) = (name, model, backend, options);
        _vocabulary = WhisperVocabulary.Of(path, model);
        WordAligner aligner = new(_vocabulary, model.Config, AlignmentHeads.Of(path, model.Config));
        Languages = _vocabulary.Languages.Count > 0 ? [.. _vocabulary.Languages.Values] : ["en"];
        _frontEnd = new CpuFrontEnd(model.Config.MelCount);
        _engine = new WhisperEngine(model, _vocabulary, aligner, options);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Languages { get; }

    /// <summary>Shape of the model.</summary>
    public WhisperConfig Config => _model.Config;

    internal RecognizerOptions Options => _options;

    internal WhisperVocabulary Vocabulary => _vocabulary;

    /// <summary>Most audio of a window.</summary>
    internal TimeSpan MaxWindow => TimeSpan.FromMilliseconds(10 * _model.Config.MaxFrames);

    /// <summary>Opens a directory in Hugging Face's form, or a file of whisper.cpp.</summary>
    /// <param name="path">The model.</param>
    /// <param name="backend">Runs the model; the recogniser owns it from then on.</param>
    /// <param name="options">How the model is shared.</param>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or not of a Whisper model.</exception>
    public static WhisperRecognizer Load(string path, IBackend backend, RecognizerOptions? options = null)
    {
        options ??= new RecognizerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ConcurrentWindows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ConcurrentWindows, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxWaitingWindows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxWaitingWindows, 65_536);
        Whisper model = Whisper.Load(path, backend);
        try
        {
            return new WhisperRecognizer(Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path)), path, model, backend, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<Transcript> TranscribeAsync(ReadOnlyMemory<float> samples, TranscriptionOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        using LogMel mel = _frontEnd.Compute(samples.Span);
        List<TranscriptSegment> segments = [];
        List<int> previous = [.. Prompt(options)];
        int promptLength = previous.Count, window = _model.Config.MaxFrames, total = samples.Length / LogMelSpectrogram.HopLength;
        (string language, float probability) = (options.Language ?? Languages[0], 1);
        string? told = options.Language;
        for (int seek = 0; seek < total;)
        {
            int real = Math.Min(window, total - seek);
            ReadOnlyMemory<float> sound = samples.Slice(seek * LogMelSpectrogram.HopLength, real * LogMelSpectrogram.HopLength);
            if (IsSilent(sound.Span))
            {
                seek += real;
                continue;
            }

            if (real == window && _vocabulary.FirstTimestamp is null)
            {
                real = QuietPlace(sound.Span) / LogMelSpectrogram.HopLength;
            }

            (WindowResult result, string found, float share) = await _engine.DecodeAsync(
                Request(mel, seek, real, previous, told, options), cancellationToken).ConfigureAwait(false);
            if (told is null)
            {
                (told, language, probability) = (found, found, share);
            }

            int advance = TranscriptSegments.Add(segments, _vocabulary, result, seek, real);
            if (!options.ConditionOnPreviousText || result.Temperature > 0.5f)
            {
                previous.RemoveRange(Math.Min(promptLength, previous.Count), Math.Max(0, previous.Count - promptLength));
            }
            else
            {
                previous.AddRange(result.Tokens.Where(_vocabulary.IsText));
            }

            seek += Math.Max(1, advance);
        }

        string text = string.Concat(segments.Select(s => s.Text)).Trim();
        return new Transcript(text, language, probability, TimeSpan.FromSeconds(samples.Length / (double)LogMelSpectrogram.SampleRate), segments);
    }

    /// <inheritdoc/>
    public IRecognitionStream OpenStream(TranscriptionOptions options)
    {
        Check(options);
        return new WhisperStream(this, options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _frontEnd.Dispose();
        _model.Dispose();
        _backend.Dispose();
    }

    /// <summary>One window of a stream, without timestamps. Null for silence.</summary>
    internal async Task<(WindowResult Result, string Language)?> DecodeWindowAsync(
        ReadOnlyMemory<float> samples, string before, TranscriptionOptions options, CancellationToken cancellationToken)
    {
        if (samples.Length < LogMelSpectrogram.HopLength || IsSilent(samples.Span))
        {
            return null;
        }

        using LogMel mel = _frontEnd.Compute(samples.Span);
        int real = Math.Min(_model.Config.MaxFrames, samples.Length / LogMelSpectrogram.HopLength);
        List<int> previous = [.. Prompt(options)];
        if (before.Length > 0 && _vocabulary.Previous is not null)
        {
            previous.AddRange(_vocabulary.Encode(" " + before));
        }

        (WindowResult result, string language, _) = await _engine.DecodeAsync(
            Request(mel, 0, real, previous, options.Language, options) with { Timestamps = false }, cancellationToken).ConfigureAwait(false);
        return result.IsSilence ? null : (result, language);
    }

    /// <summary>No 100 ms of the samples are louder than -60 dB of full scale.</summary>
    internal static bool IsSilent(ReadOnlySpan<float> samples)
    {
        for (int first = 0; first < samples.Length; first += LoudnessSamples)
        {
            double sum = 0;
            ReadOnlySpan<float> piece = samples.Slice(first, Math.Min(LoudnessSamples, samples.Length - first));
            foreach (float sample in piece)
            {
                sum += sample * sample;
            }

            if (sum > SilenceLevel * SilenceLevel * piece.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The middle of the quietest 100 ms in the second half.</summary>
    private static int QuietPlace(ReadOnlySpan<float> samples)
    {
        (int place, double least) = (samples.Length, double.PositiveInfinity);
        for (int first = samples.Length / 2; first + LoudnessSamples <= samples.Length; first += LoudnessSamples / 2)
        {
            double sum = 0;
            foreach (float sample in samples.Slice(first, LoudnessSamples))
            {
                sum += sample * sample;
            }

            if (sum < least)
            {
                (place, least) = (first + (LoudnessSamples / 2), sum);
            }
        }

        return place;
    }

    private WindowRequest Request(LogMel mel, int seek, int real, IReadOnlyList<int> previous, string? language, TranscriptionOptions options)
    {
        // A model of any length still sees an even number of frames, as in training.
        int frames = _model.Config.VariableAudioLength ? Math.Max(2, (real + 1) / 2 * 2) : _model.Config.MaxFrames;
        return new WindowRequest
        {
            Mel = mel.Window(seek, Math.Min(frames, _model.Config.MaxFrames)),
            RealFrames = real,
            Previous = [.. previous],
            Language = language,
            Options = options,
        };
    }

    /// <summary>Hot words, then the prompt, as text that came before.</summary>
    private int[] Prompt(TranscriptionOptions options)
    {
        StringBuilder text = new();
        if (options.HotWords.Count > 0)
        {
            text.Append(' ').AppendJoin(", ", options.HotWords);
        }

        if (options.Prompt.Length > 0)
        {
            text.Append(' ').Append(options.Prompt.Trim());
        }

        return text.Length == 0 || _vocabulary.Previous is null ? [] : _vocabulary.Encode(text.ToString());
    }

    private void Check(TranscriptionOptions options)
    {
        if (options.Language is string code && !Languages.Contains(code))
        {
            throw new ArgumentException($"language is '{code}', which {Name} does not know (it knows: {string.Join(", ", Languages)})", nameof(options));
        }

        if (options.Translate && (_vocabulary.Translate is null || _vocabulary.Languages.Count < 2))
        {
            throw new ArgumentException($"{Name} does not translate", nameof(options));
        }

        if (options.Temperatures.Count == 0 || options.Temperatures.Any(t => t is not (>= 0 and <= 2)))
        {
            throw new ArgumentException($"temperatures must be at least one number from 0 to 2, not [{string.Join(", ", options.Temperatures)}]", nameof(options));
        }
    }
}
