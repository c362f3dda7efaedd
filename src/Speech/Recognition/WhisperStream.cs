using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Inference.Speech.Recognition;

/// <summary>
/// A stream of utterances. One pass over the running utterance at a time, over all that has come by then: where the machine is
/// slow, passes become rarer and no queue grows. An utterance longer than the model's window is cut and begun anew.
/// </summary>
internal sealed class WhisperStream(WhisperRecognizer recognizer, TranscriptionOptions options) : IRecognitionStream
{
    private readonly Lock _gate = new();
    private readonly List<float> _samples = [];
    private readonly Queue<float[]> _ended = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _closed = new();
    private bool _isComplete;

    private int MaxSamples => (int)(recognizer.MaxWindow.TotalSeconds * LogMelSpectrogram.SampleRate);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isComplete, this);
            while (!samples.IsEmpty)
            {
                int count = Math.Min(samples.Length, MaxSamples - _samples.Count);
                _samples.AddRange(samples[..count]);
                samples = samples[count..];
                if (_samples.Count == MaxSamples)
                {
                    EndLocked();
                }
            }
        }

        _news.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public void EndUtterance()
    {
        lock (_gate)
        {
            EndLocked();
        }

        _news.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        lock (_gate)
        {
            EndLocked();
            _isComplete = true;
        }

        _news.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecognitionUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        int interval = (int)(recognizer.Options.PartialInterval.TotalSeconds * LogMelSpectrogram.SampleRate), seen = 0;
        LocalAgreement agreement = new();
        string last = "";
        while (true)
        {
            (float[]? ended, float[]? running, bool isOver) = Take(seen + interval);
            if (ended is not null)
            {
                yield return await FinalAsync(agreement, ended, either.Token).ConfigureAwait(false);
                (agreement, seen, last) = (new LocalAgreement(), 0, "");
            }
            else if (running is not null)
            {
                seen = running.Length;
                RecognitionUpdate? partial = await PartialAsync(agreement, running, either.Token).ConfigureAwait(false);
                if (partial is not null && partial.Text + partial.StableText.Length != last)
                {
                    last = partial.Text + partial.StableText.Length;
                    yield return partial;
                }
            }
            else if (isOver)
            {
                yield break;
            }
            else
            {
                await _news.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isComplete = true;
        }

        await _closed.CancelAsync().ConfigureAwait(false);
    }

    private void EndLocked()
    {
        if (_samples.Count > 0)
        {
            _ended.Enqueue([.. _samples]);
            _samples.Clear();
        }
    }

    /// <summary>The oldest utterance that has ended, else the running one where it is long enough for a pass.</summary>
    private (float[]? Ended, float[]? Running, bool IsOver) Take(int enough)
    {
        lock (_gate)
        {
            return _ended.TryDequeue(out float[]? ended) ? (ended, null, false)
                : _samples.Count >= enough ? (null, [.. _samples], false) : (null, null, _isComplete);
        }
    }

    private async Task<RecognitionUpdate?> PartialAsync(LocalAgreement agreement, float[] samples, CancellationToken cancellationToken)
    {
        // A partial result is no place for second thoughts: one temperature, no word times.
        TranscriptionOptions quick = options with { Temperatures = [0], WordTimes = false };
        if (await recognizer.DecodeWindowAsync(samples, "", quick, cancellationToken).ConfigureAwait(false) is not var (result, language))
        {
            return null;
        }

        string[] words = agreement.Add(WordsOf(result));
        return words.Length == 0 ? null : Update(words, agreement.Committed.Count, [], isFinal: false, result, language, samples.Length);
    }

    private async Task<RecognitionUpdate> FinalAsync(LocalAgreement agreement, float[] samples, CancellationToken cancellationToken)
    {
        if (await recognizer.DecodeWindowAsync(samples, "", options, cancellationToken).ConfigureAwait(false) is not var (result, language))
        {
            string[] kept = agreement.Finish([]);
            return new RecognitionUpdate(
                string.Join(' ', kept), string.Join(' ', kept), [], IsFinal: true, Stability: 1, Confidence: 0, options.Language ?? recognizer.Languages[0], Duration(samples.Length));
        }

        string[] words = agreement.Finish(WordsOf(result));
        return Update(words, words.Length, result.Words, isFinal: true, result, language, samples.Length);
    }

    private string[] WordsOf(WindowResult result) =>
        recognizer.Vocabulary.Decode(result.Tokens).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static RecognitionUpdate Update(
        string[] words, int stable, IReadOnlyList<RecognizedWord> timed, bool isFinal, WindowResult result, string language, int samples) => new(
            string.Join(' ', words), string.Join(' ', words[..stable]), timed, isFinal, words.Length == 0 ? 1 : stable / (float)words.Length,
            words.Length == 0 ? 0 : MathF.Exp(result.MeanLogProbability), language, Duration(samples));

    private static TimeSpan Duration(int samples) => TimeSpan.FromSeconds(samples / (double)LogMelSpectrogram.SampleRate);
}
