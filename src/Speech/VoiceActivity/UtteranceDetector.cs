namespace Inference.Speech.VoiceActivity;

/// <summary>
/// Cuts a stream of samples, in pieces of any size, into frames and finds its utterances. It keeps the audio before an
/// utterance, so that no first consonant is lost. Not thread-safe.
/// </summary>
public sealed class UtteranceDetector
{
    private const int FrameLength = IVoiceActivityModel.FrameLength;

    private readonly IVoiceActivityDetector _detector;
    private readonly Endpointer _endpointer;
    private readonly Queue<float[]> _before = new();
    private readonly int _keptFrames;
    private readonly float[] _frame = new float[FrameLength];
    private int _count;
    private long _samples;

    /// <param name="model">Tells speech from other sounds.</param>
    /// <param name="options">When utterances begin and end.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public UtteranceDetector(IVoiceActivityModel model, EndpointingOptions options)
    {
        _endpointer = new Endpointer(options);
        _detector = model.CreateDetector();
        _keptFrames = _endpointer.StartFrames + (int)Math.Ceiling(options.Padding.TotalSeconds * IVoiceActivityModel.SampleRate / FrameLength);
    }

    /// <summary>Whether an utterance runs.</summary>
    public bool InUtterance => _endpointer.InUtterance;

    /// <summary>Takes samples at 16 kHz; gives the frames that they complete.</summary>
    public IReadOnlyList<VoiceFrame> Push(ReadOnlySpan<float> samples)
    {
        List<VoiceFrame> frames = [];
        while (!samples.IsEmpty)
        {
            int taken = Math.Min(FrameLength - _count, samples.Length);
            samples[..taken].CopyTo(_frame.AsSpan(_count));
            samples = samples[taken..];
            _count += taken;
            if (_count == FrameLength)
            {
                frames.Add(Next());
            }
        }

        return frames;
    }

    /// <summary>Ends the stream, or the running utterance. Gives its last samples; null: no utterance ran.</summary>
    public VoiceFrame? End()
    {
        float[] rest = _frame[.._count];
        _samples += _count;
        _count = 0;
        _before.Clear();
        return _endpointer.End() ? new VoiceFrame(_samples, 0, Endpoint.Ended, rest) : null;
    }

    private VoiceFrame Next()
    {
        float[] frame = [.. _frame];
        (_count, _samples) = (0, _samples + FrameLength);
        float probability = _detector.Next(frame);
        bool ran = _endpointer.InUtterance;
        Endpoint endpoint = _endpointer.Next(probability);
        if (ran)
        {
            return new VoiceFrame(_samples, probability, endpoint, frame);
        }

        _before.Enqueue(frame);
        if (endpoint == Endpoint.Started)
        {
            float[] speech = [.. _before.SelectMany(f => f)];
            _before.Clear();
            return new VoiceFrame(_samples, probability, endpoint, speech);
        }

        if (_before.Count > _keptFrames)
        {
            _before.Dequeue();
        }

        return new VoiceFrame(_samples, probability, endpoint, ReadOnlyMemory<float>.Empty);
    }
}
