using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Inference.Speech.Recognition;

/// <summary>
/// A stream of utterances. One pass over the running utterance at a time, over all that has come by then: where the machine is
/// slow, passes become rarer and no queue grows. An utterance that nearly fills the model's window is cut at the next quiet
/// moment and goes on with the text before the cut as its prompt.
/// </summary>
internal sealed class WhisperStream(WhisperRecognizer recognizer, TranscriptionOptions options) : IRecognitionStream
{
    /// <summary>Characters of the text before a cut that count.</summary>
    private const int MaxBefore = 200;

    /// <summary>Samples that are looked at for a quiet moment: 100 ms.</summary>
    private const int Piece = LogMelSpectrogram.SampleRate / 10;

    /// <summary>A moment is quiet with so much of the utterance's mean power.</summary>
    private const double QuietShare = 0.025;

    /// <summary>Pieces that may wait to be understood before the writer has to.</summary>
    private const int MaxWaiting = 4;

    private readonly Lock _gate = new();
    private readonly List<float> _samples = [];
    private readonly Queue<(float[] Samples, bool GoesOn)> _ended = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> _taken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _closed = new();
    private double _energy;
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
                int count = Math.Min(Math.Min(samples.Length, Piece), MaxSamples - _samples.Count);
                _samples.AddRange(samples[..count]);
                _energy += Energy(samples[..count]);
                samples = samples[count..];
                if (IsTimeToCut())
                {
                    EndLocked(goesOn: true);
                }
            }
        }

        _news.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (IsFull())
        {
            await _taken.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
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
        string last = "", before = "";
        while (true)
        {
            (float[]? ended, bool goesOn, float[]? running, bool isOver) = Take(seen + interval);
            if (ended is not null)
            {
                RecognitionUpdate final = await FinalAsync(agreement, before, ended, either.Token).ConfigureAwait(false) with { GoesOn = goesOn };
                (agreement, seen, last) = (new LocalAgreement(), 0, "");
                before = goesOn && options.ConditionOnPreviousText ? final.Text[Math.Max(0, final.Text.Length - MaxBefore)..] : "";
                yield return final;
            }
            else if (running is not null)
            {
                seen = running.Length;
                RecognitionUpdate? partial = await PartialAsync(agreement, before, running, either.Token).ConfigureAwait(false);
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

        _taken.Writer.TryWrite(true);
        await _closed.CancelAsync().ConfigureAwait(false);
    }

    private bool IsFull()
    {
        lock (_gate)
        {
            return !_isComplete && _ended.Count > MaxWaiting;
        }
    }

    private void EndLocked(bool goesOn = false)
    {
        if (_samples.Count > 0)
        {
            _ended.Enqueue(([.. _samples], goesOn));
            _samples.Clear();
            _energy = 0;
        }
    }

    /// <summary>The window is full; or three quarters of it are, and the last 100 ms are 16 dB below the whole.</summary>
    private bool IsTimeToCut()
    {
        if (_samples.Count == MaxSamples)
        {
            return true;
        }

        return _samples.Count >= MaxSamples / 4 * 3
            && Energy(CollectionsMarshal.AsSpan(_samples)[^Piece..]) / Piece < QuietShare * _energy / _samples.Count;
    }

    private static double Energy(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
        {
            sum += sample * sample;
        }

        return sum;
    }

    /// <summary>The oldest utterance that has ended, else the running one where it is long enough for a pass.</summary>
    private (float[]? Ended, bool GoesOn, float[]? Running, bool IsOver) Take(int enough)
    {
        lock (_gate)
        {
            if (_ended.TryDequeue(out (float[] Samples, bool GoesOn) ended))
            {
                _taken.Writer.TryWrite(true);
                return (ended.Samples, ended.GoesOn, null, false);
            }

            return _samples.Count >= enough ? (null, false, [.. _samples], false) : (null, false, null, _isComplete);
        }
    }

    private async Task<RecognitionUpdate?> PartialAsync(LocalAgreement agreement, string before, float[] samples, CancellationToken cancellationToken)
    {
        // A partial result is no place for second thoughts: one temperature, no word times.
        TranscriptionOptions quick = options with { Temperatures = [0], WordTimes = false };
        if (await recognizer.DecodeWindowAsync(samples, before, quick, cancellationToken).ConfigureAwait(false) is not var (result, language))
        {
            return null;
        }

        string[] words = agreement.Add(WordsOf(result));
        return words.Length == 0 ? null : Update(words, agreement.Committed.Count, [], isFinal: false, result, language, samples.Length);
    }

    private async Task<RecognitionUpdate> FinalAsync(LocalAgreement agreement, string before, float[] samples, CancellationToken cancellationToken)
    {
        if (await recognizer.DecodeWindowAsync(samples, before, options, cancellationToken).ConfigureAwait(false) is not var (result, language))
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
