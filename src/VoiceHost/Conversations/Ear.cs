using System.Buffers;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Recognition;

namespace Inference.VoiceHost.Conversations;

/// <summary>Hears the user: bytes of audio in, beginnings and ends of utterances out; what they say comes from <see cref="ReadAsync"/>.</summary>
internal sealed class Ear : IAsyncDisposable
{
    private const int Rate = IVoiceActivityModel.SampleRate;

    private readonly MonoReader _reader;
    private readonly UtteranceDetector _detector;
    private readonly EndpointingOptions _options;
    private readonly IRecognitionStream _recognition;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<float> _samples = new();
    private readonly float _voiced;
    private long _heard, _lastVoice, _written, _understood;
    private bool _isOpen;

    /// <param name="recognizer">Understands.</param>
    /// <param name="transcription">What is asked of it.</param>
    /// <param name="voiceActivity">Tells speech from other sounds.</param>
    /// <param name="endpointing">When utterances begin and end.</param>
    /// <param name="decoder">Reads the bytes; owned from here on.</param>
    /// <param name="time">For when the user was heard last.</param>
    /// <exception cref="ArgumentException">An option that the recogniser does not have, or that is out of its range.</exception>
    public Ear(
        ISpeechRecognizer recognizer, TranscriptionOptions transcription, IVoiceActivityModel voiceActivity, EndpointingOptions endpointing,
        IAudioDecoder decoder, TimeProvider time)
    {
        (_options, _time) = (endpointing, time);
        // A frame below this is silence to the endpointer too.
        _voiced = Math.Max(0.01f, endpointing.Threshold - 0.15f);
        _detector = new UtteranceDetector(voiceActivity, endpointing);
        _recognition = recognizer.OpenStream(transcription);
        _reader = new MonoReader(decoder, Rate);
        LastVoiceAt = time.GetTimestamp();
    }

    /// <summary>Where in the audio this stands.</summary>
    public TimeSpan Position => Time(_heard);

    /// <summary>Whether the user speaks.</summary>
    public bool InUtterance => _isOpen || _detector.InUtterance;

    /// <summary>Whether everything that was said until now has been understood.</summary>
    public bool IsUnderstood => !InUtterance && _written == _understood;

    /// <summary>Audio since the user's last sound.</summary>
    public TimeSpan Silence => Time(_heard - _lastVoice);

    /// <summary>Timestamp of the user's last sound.</summary>
    public long LastVoiceAt { get; private set; }

    /// <summary>Voice in the running utterance, or the last one.</summary>
    public TimeSpan Voice { get; private set; }

    /// <summary>Takes bytes as they come.</summary>
    /// <param name="bytes">Cut anywhere.</param>
    /// <param name="isDeaf">What they say does not count.</param>
    /// <returns>Utterances' beginnings and ends.</returns>
    /// <exception cref="AudioFormatException">The bytes cannot be read.</exception>
    public IReadOnlyList<Endpoint> Hear(ReadOnlySpan<byte> bytes, bool isDeaf)
    {
        List<Endpoint> endpoints = [];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(RecognizerCatalog.DecodedBytes, bytes.Length)..])
        {
            _reader.Push(bytes[..Math.Min(RecognizerCatalog.DecodedBytes, bytes.Length)], _samples);
            endpoints.AddRange(Take(isDeaf));
        }

        return endpoints;
    }

    /// <summary>Waits while too much is still to be understood. Thread-safe.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _recognition.WaitForRoomAsync(cancellationToken);

    /// <summary>Nothing came for so long: that is silence.</summary>
    public IReadOnlyList<Endpoint> HearNothing(TimeSpan time)
    {
        _samples.GetSpan((int)(time.TotalSeconds * Rate))[..(int)(time.TotalSeconds * Rate)].Clear();
        _samples.Advance((int)(time.TotalSeconds * Rate));
        return Take(isDeaf: false);
    }

    /// <summary>All audio counts from here on, whatever it is.</summary>
    public void Open() => (_isOpen, Voice) = (true, TimeSpan.Zero);

    /// <summary>Ends what <see cref="Open"/> began.</summary>
    public void Close()
    {
        if (_isOpen)
        {
            _recognition.EndUtterance();
            (_isOpen, LastVoiceAt, _lastVoice) = (false, _time.GetTimestamp(), _heard);
        }
    }

    /// <summary>No more audio will come: ends the running utterance. True where one ran.</summary>
    /// <exception cref="AudioFormatException">It ends too early.</exception>
    public bool Complete()
    {
        bool ran = InUtterance;
        _reader.Complete(_samples);
        Take(isDeaf: false);
        Close();
        if (_detector.End() is { } last)
        {
            Write(last.Speech.Span);
            _recognition.EndUtterance();
        }

        _recognition.Complete();
        return ran;
    }

    /// <summary>What has been understood, for one reader; to be told to <see cref="Note"/>.</summary>
    public IAsyncEnumerable<RecognitionUpdate> ReadAsync(CancellationToken cancellationToken) => _recognition.ReadAsync(cancellationToken);

    /// <summary>Keeps count of what has been understood.</summary>
    public void Note(RecognitionUpdate update) => _understood += update.IsFinal ? (long)Math.Round(update.AudioProcessed.TotalSeconds * Rate) : 0;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return _recognition.DisposeAsync();
    }

    private static TimeSpan Time(long samples) => TimeSpan.FromSeconds((double)samples / Rate);

    private List<Endpoint> Take(bool isDeaf)
    {
        List<Endpoint> endpoints = [];
        if (_isOpen)
        {
            Write(_samples.WrittenSpan);
            (_heard, _lastVoice, LastVoiceAt) = (_heard + _samples.WrittenCount, _heard + _samples.WrittenCount, _time.GetTimestamp());
            Voice += Time(_samples.WrittenCount);
        }
        else
        {
            // The detector's clock runs on where nothing counts.
            foreach (VoiceFrame frame in _detector.Push(isDeaf ? new float[_samples.WrittenCount] : _samples.WrittenSpan))
            {
                Take(frame, endpoints);
            }
        }

        _samples.ResetWrittenCount();
        return endpoints;
    }

    private void Take(VoiceFrame frame, List<Endpoint> endpoints)
    {
        _heard += IVoiceActivityModel.FrameLength;
        if (frame.Probability >= _voiced)
        {
            (_lastVoice, LastVoiceAt) = (_heard, _time.GetTimestamp());
            Voice += Time(IVoiceActivityModel.FrameLength);
        }

        if (frame.Endpoint == Endpoint.Started)
        {
            Voice = _options.StartHistory * _options.StartThreshold;
        }

        Write(frame.Speech.Span);
        if (frame.Endpoint == Endpoint.Ended)
        {
            _recognition.EndUtterance();
        }

        if (frame.Endpoint is Endpoint.Started or Endpoint.Ended)
        {
            endpoints.Add(frame.Endpoint);
        }
    }

    private void Write(ReadOnlySpan<float> samples)
    {
        _recognition.Write(samples);
        _written += samples.Length;
    }
}
