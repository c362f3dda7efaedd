namespace Inference.Speech.VoiceActivity;

/// <summary>Finds where utterances begin and end in the probabilities of frames. Not thread-safe.</summary>
public sealed class Endpointer
{
    // Silero's: speech that has begun ends below the threshold by this much.
    private const float Hysteresis = 0.15f;

    private readonly EndpointingOptions _options;
    private readonly int _start, _stop, _firstPass, _longest;
    private readonly bool[] _speech;
    private int _frames, _utteranceFrames;
    private bool _wasSpeech, _probablyEnded;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Endpointer(EndpointingOptions options)
    {
        _options = options.Fault is { } fault ? throw new ArgumentException(fault, nameof(options)) : options;
        (_start, _stop, _firstPass) = (Frames(options.StartHistory), Frames(options.StopHistory), Frames(options.StopHistoryFirstPass));
        _longest = Frames(options.LongestUtterance);
        _speech = new bool[Math.Max(_start, Math.Max(_stop, _firstPass))];
    }

    /// <summary>Whether an utterance runs.</summary>
    public bool InUtterance { get; private set; }

    /// <summary>Frames from the first of the window that decides the beginning to its last.</summary>
    public int StartFrames => _start;

    /// <summary>Takes the next frame's probability.</summary>
    public Endpoint Next(float probability)
    {
        _wasSpeech = probability >= (_wasSpeech ? Math.Max(0.01f, _options.Threshold - Hysteresis) : _options.Threshold);
        _speech[_frames++ % _speech.Length] = _wasSpeech;
        if (!InUtterance)
        {
            return Speech(_start) >= _options.StartThreshold * _start ? Begin() : Endpoint.None;
        }

        _utteranceFrames++;
        if (Silence(_stop) >= _options.StopThreshold * _stop || _utteranceFrames >= _longest)
        {
            InUtterance = false;
            return Endpoint.Ended;
        }

        bool ending = _firstPass < _stop && Silence(_firstPass) >= _options.StopThresholdFirstPass * _firstPass;
        Endpoint result = ending == _probablyEnded ? Endpoint.None : ending ? Endpoint.ProbablyEnded : Endpoint.Resumed;
        _probablyEnded = ending;
        return result;
    }

    /// <summary>Ends the running utterance, as when the stream ends or a button is released.</summary>
    public bool End()
    {
        bool ended = InUtterance;
        InUtterance = _wasSpeech = false;
        Array.Clear(_speech);
        return ended;
    }

    private static int Frames(TimeSpan time) =>
        Math.Max(1, (int)Math.Round(time.TotalSeconds * IVoiceActivityModel.SampleRate / IVoiceActivityModel.FrameLength));

    private Endpoint Begin()
    {
        (InUtterance, _probablyEnded, _utteranceFrames) = (true, false, 0);
        return Endpoint.Started;
    }

    /// <summary>Frames of the last ones that are speech; none are before the stream's beginning.</summary>
    private int Speech(int window)
    {
        int count = 0;
        for (int i = 1; i <= Math.Min(window, _frames); i++)
        {
            count += _speech[(_frames - i) % _speech.Length] ? 1 : 0;
        }

        return count;
    }

    /// <summary>Frames of the last ones that are not speech, those before the utterance left out.</summary>
    private int Silence(int window) => Math.Min(window, _utteranceFrames) - Speech(Math.Min(window, _utteranceFrames));
}
