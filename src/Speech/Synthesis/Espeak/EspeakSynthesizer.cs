namespace Inference.Speech.Synthesis.Espeak;

/// <summary>
/// espeak-ng in worker processes: over a hundred languages, intelligible, small. Word marks are the library's own, exact to the sample.
/// </summary>
public sealed class EspeakSynthesizer : ISpeechSynthesizer
{
    private const int Rate = 22050;
    private const int MaxCachedPhraseSeconds = 8;

    private readonly EspeakPool _pool;
    private readonly PhraseCache<EspeakText> _cache;
    private readonly Dictionary<string, string> _identifiers;

    private EspeakSynthesizer(EspeakPool pool, EspeakOptions options, IEnumerable<(string Identifier, string Language)> voices)
    {
        _pool = pool;
        _cache = new PhraseCache<EspeakText>(options.CachedSeconds * Rate, MaxCachedPhraseSeconds * Rate);
        (string Identifier, string Language)[] own = [.. voices.Where(v => !v.Identifier.StartsWith("mb/", StringComparison.Ordinal))];
        _identifiers = own.DistinctBy(v => NameOf(v.Identifier)).ToDictionary(v => NameOf(v.Identifier), v => v.Identifier, StringComparer.OrdinalIgnoreCase);
        Voices = [.. own.DistinctBy(v => NameOf(v.Identifier)).Select(v => new SpeechVoice(NameOf(v.Identifier), v.Language, Rate))];
    }

    /// <inheritdoc/>
    public string Name => "espeak-ng";

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices { get; }

    /// <summary>Starts the first worker and asks it for its voices.</summary>
    /// <exception cref="InvalidOperationException">espeak-ng is not installed: Debian's package is libespeak-ng1.</exception>
    public static async Task<EspeakSynthesizer> StartAsync(EspeakOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        EspeakPool pool = new(options, time);
        try
        {
            return new EspeakSynthesizer(pool, options, await pool.UseAsync(p => p.Voices(), cancellationToken));
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        SpeechAssembly.Check(request);
        string identifier = _identifiers[VoiceChoice.Choose(Voices, request).Name];
        return SpeechAssembly.SpeakAsync(request, Rate, (part, token) => SpeechAssembly.Single(SpeakAsync(part, identifier, token)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<SpokenPart> SpeakAsync(SpeechPart part, string identifier, CancellationToken cancellation)
    {
        List<int> sources = [];
        EspeakText text = EspeakText.Write(part, identifier, sources);
        // Words stand elsewhere in another text: kept marks count from the part's beginning.
        if (_cache.Find(text) is { } kept) return Move(kept, part.Start);
        EspeakAudio audio = await _pool.UseAsync(p => p.Speak(text), cancellation);
        SpokenPart spoken = new(audio.Samples, [.. Words(audio, sources, part)]);
        _cache.Add(text, Move(spoken, -part.Start));
        return spoken;
    }

    private static SpokenPart Move(SpokenPart spoken, int by) =>
        spoken with { Words = [.. spoken.Words.Select(w => w with { Offset = w.Offset + by })] };

    // Numbers are several words to the library but one in the text; its own commands are none.
    private static IEnumerable<SpokenWord> Words(EspeakAudio audio, List<int> sources, SpeechPart part)
    {
        int last = -1;
        foreach (EspeakWord word in audio.Words.Where(w => w.Position >= 0 && w.Position < sources.Count))
        {
            int offset = sources[word.Position];
            if (offset <= last) continue;
            int after = word.Position + Math.Max(word.Length, 1);
            int end = after < sources.Count ? sources[after] : part.End;
            last = offset;
            yield return new SpokenWord(offset, WordEnd(part, offset, end) - offset, word.Sample);
        }
    }

    private static int WordEnd(SpeechPart part, int offset, int end)
    {
        SpeechRun run = part.Runs.First(r => offset < r.End);
        if ((run.Manner.Alias ?? run.Manner.Phonemes) is not null) end = run.End;
        // A word whose event stands at a command before it: up to the next space.
        if (end <= offset) end = part.Text.IndexOf(' ', offset) is >= 0 and int space ? space : part.End;
        int stop = Math.Clamp(end, offset + 1, part.End);
        while (stop > offset + 1 && char.IsWhiteSpace(part.Text[stop - 1])) stop--;
        return stop;
    }

    private static string NameOf(string identifier) => identifier[(identifier.LastIndexOf('/') + 1)..];
}
