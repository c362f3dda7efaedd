namespace Inference.Speech.Synthesis.Espeak;

/// <summary>Text to IPA by espeak-ng, in worker processes of its own.</summary>
internal sealed class EspeakPhonemizer(EspeakOptions options, TimeProvider time) : IDisposable
{
    private readonly EspeakPool _pool = new(options, time);

    /// <summary>For each text its clauses: their IPA, words apart by spaces, and each clause's end in the text.</summary>
    /// <exception cref="InvalidOperationException">espeak-ng is not installed, does not have the voice, or failed.</exception>
    public Task<IReadOnlyList<IReadOnlyList<(string Phonemes, int End)>>> ReadAsync(IReadOnlyList<string> texts, string voice, CancellationToken cancellation) =>
        _pool.UseAsync<IReadOnlyList<IReadOnlyList<(string, int)>>>(process => [.. texts.Select(text => process.Phonemes(voice, text))], cancellation);

    public void Dispose() => _pool.Dispose();
}
