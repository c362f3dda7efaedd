using System.IO.Compression;
using System.Text;

namespace Inference.Speech.Recognition;

/// <summary>
/// The decoding of one window, a token at a time: start token, language, task, text, and again at the next temperature when the
/// text does not pass the tests. It knows no tensors: it is asked for tokens to feed and is given logits. What is probably silence
/// is silence where the text is improbable, as with OpenAI, or where the model would rather say nothing at all.
/// </summary>
internal sealed class WindowDecoding
{
    /// <summary>Tokens of the text before that count.</summary>
    private const int MaxPrevious = 223;

    private readonly WhisperVocabulary _vocabulary;
    private readonly WindowRequest _request;
    private readonly DecodingRules _rules;
    private readonly int[] _opening;
    private readonly int _maxTokens;
    private readonly bool _timestamps;
    private readonly List<int> _sampled = [];
    private readonly List<float> _logProbabilities = [];
    private int _attempt;
    private Random _random;
    private int[] _task = [];
    private float _endLogProbability;
    private bool _isSilence;

    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="request">What to decode.</param>
    /// <param name="textContext">Positions of the decoder.</param>
    public WindowDecoding(WhisperVocabulary vocabulary, WindowRequest request, int textContext)
    {
        (_vocabulary, _request) = (vocabulary, request);
        _timestamps = request.Timestamps && vocabulary.FirstTimestamp is not null;
        _rules = new DecodingRules(vocabulary, _timestamps);
        int half = textContext / 2, keep = Math.Min(MaxPrevious, half - 1);
        _opening = vocabulary.Previous is int previous && request.Previous.Count > 0
            ? [previous, .. request.Previous.TakeLast(keep), vocabulary.Start]
            : [vocabulary.Start];
        _maxTokens = half;
        _random = new Random(request.Options.Seed);
        Pending = _opening;
    }

    /// <summary>Tokens to feed next; their logits are to be given to <see cref="Accept"/>.</summary>
    public ReadOnlyMemory<int> Pending { get; private set; }

    /// <summary>Position of the first of them.</summary>
    public int Position { get; private set; }

    /// <summary>The decoding is over.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Code of the language.</summary>
    public string Language { get; private set; } = "en";

    /// <summary>1 where it was told.</summary>
    public float LanguageProbability { get; private set; } = 1;

    /// <summary>Probability of silence.</summary>
    public float NoSpeechProbability { get; private set; }

    /// <summary>Start, language and task, without the mark for no timestamps: what stands before the text in an alignment.</summary>
    public IReadOnlyList<int> Header => [_vocabulary.Start, .. _task.Where(t => t != _vocabulary.NoTimestamps)];

    /// <summary>The window's text tokens.</summary>
    public int[] TextTokens => [.. _sampled.Where(_vocabulary.IsText)];

    private bool SeemsSilent => NoSpeechProbability > _request.Options.MaxNoSpeechProbability;

    private float Temperature => _request.Options.Temperatures[_attempt];

    /// <summary>Takes the logits that follow the pending tokens, and changes them.</summary>
    public void Accept(Span<float> logits)
    {
        int fed = Pending.Length;
        Position += fed;
        if (_task.Length == 0 && _sampled.Count == 0 && Position == _opening.Length)
        {
            BeginTask(logits);
            if (_task.Length > 0)
            {
                Pending = _task;
                return;
            }
        }

        if (_sampled.Count == 0 && SeemsSilent && MostProbable(logits) == _vocabulary.EndOfText)
        {
            (IsDone, _isSilence) = (true, true);
            return;
        }

        _rules.Apply(logits, _sampled);
        (int token, float logProbability) = Choose(logits);
        if (token == _vocabulary.EndOfText)
        {
            _endLogProbability = logProbability;
            End();
            return;
        }

        _sampled.Add(token);
        _logProbabilities.Add(logProbability);
        if (_sampled.Count >= _maxTokens || Position + 1 >= 2 * _maxTokens)
        {
            End();
            return;
        }

        Pending = new[] { token };
    }

    /// <summary>The outcome.</summary>
    public WindowResult Result(IReadOnlyList<RecognizedWord> words) => new(
        [.. _sampled], [.. _logProbabilities], MeanLogProbability(), NoSpeechProbability, CompressionRatio(), Temperature, words, _isSilence);

    /// <summary>The logits that follow the start token: silence, and the language where it was not told.</summary>
    private void BeginTask(ReadOnlySpan<float> logits)
    {
        float total = DecodingRules.LogSumExp(logits);
        NoSpeechProbability = _vocabulary.NoSpeech is int silence ? MathF.Exp(logits[silence] - total) : 0;
        List<int> task = [];
        if (_vocabulary.Languages.Count > 0 && _vocabulary.Transcribe is int transcribe && _vocabulary.Translate is int translate)
        {
            (int id, float probability) = _request.Language is string code
                ? (_vocabulary.Language(code) ?? throw new ArgumentException($"the model does not know the language '{code}'"), 1f)
                : MostProbableLanguage(logits);
            (Language, LanguageProbability) = (_vocabulary.Languages[id], probability);
            task.AddRange([id, _request.Options.Translate ? translate : transcribe]);
        }

        if (!_timestamps && _vocabulary.NoTimestamps is int none)
        {
            task.Add(none);
        }

        _task = [.. task];
    }

    private (int Id, float Probability) MostProbableLanguage(ReadOnlySpan<float> logits)
    {
        int best = _vocabulary.Languages.Keys.First();
        double sum = 0;
        foreach (int id in _vocabulary.Languages.Keys)
        {
            best = logits[id] > logits[best] ? id : best;
        }

        foreach (int id in _vocabulary.Languages.Keys)
        {
            sum += MathF.Exp(logits[id] - logits[best]);
        }

        return (best, (float)(1 / sum));
    }

    /// <summary>The most probable token, or a draw at the temperature, and its log-probability at temperature 1.</summary>
    private (int Token, float LogProbability) Choose(ReadOnlySpan<float> logits)
    {
        int token = MostProbable(logits);
        float largest = logits[token], temperature = Temperature;
        if (temperature > 0)
        {
            double sum = 0;
            foreach (float logit in logits)
            {
                sum += Math.Exp((logit - largest) / temperature);
            }

            double ticket = _random.NextDouble() * sum;
            for (int i = 0; i < logits.Length && ticket >= 0; i++)
            {
                double share = Math.Exp((logits[i] - largest) / temperature);
                if (share > 0)
                {
                    token = i;
                    ticket -= share;
                }
            }
        }

        return (token, logits[token] - DecodingRules.LogSumExp(logits));
    }

    private static int MostProbable(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    private void End()
    {
        _isSilence = SeemsSilent && MeanLogProbability() < _request.Options.MinMeanLogProbability;
        bool passes = CompressionRatio() <= _request.Options.MaxCompressionRatio && MeanLogProbability() >= _request.Options.MinMeanLogProbability;
        if (passes || _isSilence || _attempt + 1 >= _request.Options.Temperatures.Count)
        {
            IsDone = true;
            return;
        }

        _attempt++;
        _random = new Random(unchecked((_request.Options.Seed * 31) + _attempt));
        _sampled.Clear();
        _logProbabilities.Clear();
        _endLogProbability = 0;

        // The clip and the tokens of the opening are in the cache; the task's are fed again for its logits.
        Position = _task.Length > 0 ? _opening.Length : 0;
        Pending = _task.Length > 0 ? _task : _opening;
    }

    private float MeanLogProbability() => (_logProbabilities.Sum() + _endLogProbability) / (_sampled.Count + 1);

    /// <summary>Bytes of the text to bytes of its zlib form.</summary>
    private float CompressionRatio()
    {
        byte[] text = Encoding.UTF8.GetBytes(_vocabulary.Decode(_sampled).Trim());
        if (text.Length == 0)
        {
            return 0;
        }

        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(text);
        }

        return text.Length / (float)compressed.Length;
    }
}
