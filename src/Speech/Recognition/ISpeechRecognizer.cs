namespace Inference.Speech.Recognition;

/// <summary>Speech to text. One recogniser serves many callers at once; it owns its model.</summary>
public interface ISpeechRecognizer : IDisposable
{
    /// <summary>The model's name, as clients give it.</summary>
    string Name { get; }

    /// <summary>Languages it can be told or can find, as ISO 639-1 codes; one for a model of one language.</summary>
    IReadOnlyList<string> Languages { get; }

    /// <summary>
    /// Transcribes a whole clip of any length. Silence gives no segments.
    /// </summary>
    /// <param name="samples">Mono samples of -1 to 1 at 16 kHz.</param>
    /// <param name="options">Language, task and so on.</param>
    /// <param name="cancellationToken">Ends the work within one window of 30 s of audio, or one token.</param>
    /// <exception cref="ArgumentException">An option that this model does not have: another language, translation.</exception>
    Task<Transcript> TranscribeAsync(ReadOnlyMemory<float> samples, TranscriptionOptions options, CancellationToken cancellationToken);

    /// <summary>Begins a stream of utterances. The caller finds speech in the audio and says where an utterance ends.</summary>
    /// <exception cref="ArgumentException">An option that this model does not have.</exception>
    IRecognitionStream OpenStream(TranscriptionOptions options);
}
