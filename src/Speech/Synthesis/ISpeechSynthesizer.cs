namespace Inference.Speech.Synthesis;

/// <summary>Text to speech. One synthesizer serves many callers at once; it owns its models and processes.</summary>
public interface ISpeechSynthesizer : IAsyncDisposable
{
    /// <summary>The engine's name, as clients and logs give it.</summary>
    string Name { get; }

    /// <summary>Every voice; the first one of a language is its default.</summary>
    IReadOnlyList<SpeechVoice> Voices { get; }

    /// <summary>
    /// Speaks a text: chunks of audio in order, without gaps or overlaps. A text without anything to say gives no chunk.
    /// </summary>
    /// <param name="request">What to say, and how.</param>
    /// <param name="cancellationToken">Ends the work before the next chunk.</param>
    /// <exception cref="SpeechRequestException">An unknown voice or language, a value out of range, or SSML that is not valid.</exception>
    IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, CancellationToken cancellationToken);
}
