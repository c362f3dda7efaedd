using System.Runtime.InteropServices;
using Inference.Contracts.Speech.V1;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>A client that plays what comes as soon as it can, and drops what it is told to: who was heard when, sample by sample.</summary>
internal sealed class Listener(TimeProvider time, int sampleRate)
{
    private readonly Lock _gate = new();
    private readonly List<SpeakingChange> _changes = [];
    private readonly List<(long Utterance, long Sample, double Time)> _buffer = [];
    private readonly List<float> _samples = [];
    private double _end;

    public IReadOnlyList<SpeakingChange> Changes => Read(() => _changes.ToArray());

    /// <summary>Every sample with the second in which it is heard.</summary>
    public IReadOnlyList<(long Utterance, long Sample, double Time)> Heard => Read(() => _buffer.ToArray());

    /// <summary>What an utterance's samples were, in the order in which they were heard.</summary>
    public float[] Samples(long utterance) => Read(() => _buffer.Index().Where(h => h.Item.Utterance == utterance).Select(h => _samples[h.Index]).ToArray());

    private double Now => time.GetTimestamp() / (double)time.TimestampFrequency;

    public ValueTask TakeAsync(ConverseResponse response)
    {
        lock (_gate)
        {
            Take(response);
        }

        return ValueTask.CompletedTask;
    }

    public State? StateOf(long utterance) => Changes.LastOrDefault(c => c.UtteranceId == utterance)?.State;

    public long Sample(Google.Protobuf.WellKnownTypes.Duration position) => (long)Math.Round(position.ToTimeSpan().TotalSeconds * sampleRate);

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Take(ConverseResponse response)
    {
        if (response.Audio is { } audio)
        {
            ReadOnlySpan<float> samples = MemoryMarshal.Cast<byte, float>(audio.Audio.Span);
            long first = Sample(audio.Start);
            double start = Math.Max(Now, _end);
            for (int i = 0; i < samples.Length; i++)
            {
                _buffer.Add((audio.UtteranceId, first + i, start + ((double)i / sampleRate)));
                _samples.Add(samples[i]);
            }

            _end = start + ((double)samples.Length / sampleRate);
        }

        if (response.Speaking is { } change)
        {
            _changes.Add(change);
            if (change.State == State.Paused)
            {
                Drop(change.UtteranceId, Sample(change.HeardUntil));
            }
        }
    }

    private void Drop(long utterance, long sample)
    {
        while (_buffer.Count > 0 && _buffer[^1].Utterance == utterance && _buffer[^1].Sample >= sample && _buffer[^1].Time >= Now - (0.5 / sampleRate))
        {
            _end = _buffer[^1].Time;
            _buffer.RemoveAt(_buffer.Count - 1);
            _samples.RemoveAt(_samples.Count - 1);
        }

        // Nothing that is to be dropped was heard already.
        Assert.False(_buffer.Count > 0 && _buffer[^1].Utterance == utterance && _buffer[^1].Sample >= sample);
    }
}
