namespace Inference.Speech.Recognition;

/// <summary>
/// Recognition while somebody speaks. The writer gives the samples of speech as they come and ends each utterance; the reader
/// gets partial results and one final result an utterance. Writer and reader may be different threads; each is one.
/// </summary>
public interface IRecognitionStream : IAsyncDisposable
{
    /// <summary>
    /// Adds samples to the running utterance, which the first ones begin. It waits for nothing: when recognition is slower than
    /// speech, partial results become rarer.
    /// </summary>
    /// <param name="samples">Mono samples of -1 to 1 at 16 kHz; copied.</param>
    void Write(ReadOnlySpan<float> samples);

    /// <summary>
    /// Waits until few enough utterances that have ended are still to be understood. A writer that is faster than speech, as one that reads a file,
    /// waits before it writes; then memory does not grow.
    /// </summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Ends the running utterance: its final result follows. Without one nothing happens.</summary>
    void EndUtterance();

    /// <summary>Ends the stream after the running utterance; <see cref="ReadAsync"/> ends after its final result.</summary>
    void Complete();

    /// <summary>The results, in order. To be called once.</summary>
    IAsyncEnumerable<RecognitionUpdate> ReadAsync(CancellationToken cancellationToken);
}
