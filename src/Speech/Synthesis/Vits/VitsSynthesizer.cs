using System.Runtime.CompilerServices;
using Inference.Models.Architectures;
using Inference.Speech.Synthesis.Espeak;
using Inference.Tensors;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>
/// VITS voices on this project's engine. A sentence is read at once, its audio made in slices that grow, the first 0.1 s long, so that
/// speech begins early. Callers take turns slice by slice. Speed is made by the durations, volume by a gain, pitch by durations and resampling.
/// </summary>
public sealed class VitsSynthesizer : ISpeechSynthesizer
{
    private const double FirstSliceSeconds = 0.1, LongestSliceSeconds = 1.5, SentencePauseSeconds = 0.2;
    private const float LowestPitch = 0.5f, HighestPitch = 2;
    private const int MaxCachedPhraseSeconds = 8, CacheRate = 22_050;

    /// <summary>Symbols of a sentence: its attention takes their square.</summary>
    private const int MaxSymbols = 4096;

    private readonly IBackend _backend;
    private readonly EspeakPhonemizer _espeak;
    private readonly VitsOptions _options;
    private readonly List<VitsVoice> _voices = [];
    private readonly Dictionary<string, (VitsVoice Voice, int Speaker)> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly PhraseCache<VitsPhrase> _cache;
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isDisposed;

    private VitsSynthesizer(IBackend backend, VitsOptions options, TimeProvider time)
    {
        (_backend, _options) = (backend, options);
        _espeak = new EspeakPhonemizer(options.Espeak, time);
        _cache = new PhraseCache<VitsPhrase>(options.CachedSeconds * CacheRate, MaxCachedPhraseSeconds * CacheRate);
    }

    /// <inheritdoc/>
    public string Name => "vits";

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices { get; private set; } = [];

    /// <summary>Loads voices. The backend becomes the synthesizer's own.</summary>
    /// <exception cref="Models.Weights.ModelFormatException">A voice cannot be read.</exception>
    /// <exception cref="ArgumentException">Two voices have the same name.</exception>
    public static VitsSynthesizer Load(IEnumerable<VitsVoiceOptions> voices, IBackend backend, VitsOptions options, TimeProvider time)
    {
        VitsSynthesizer synthesizer = new(backend, options, time);
        try
        {
            foreach (VitsVoiceOptions voice in voices) synthesizer.Add(voice);
            return synthesizer;
        }
        catch
        {
            synthesizer.Free();
            throw;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        SpeechAssembly.Check(request);
        (VitsVoice voice, int speaker) = _byName[VoiceChoice.Choose(Voices, request).Name];
        return SpeechAssembly.SpeakAsync(request, voice.File.SampleRate, (part, token) => SpeakAsync(part, voice, speaker, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        if (!_isDisposed) Free();
        _isDisposed = true;
        _turn.Release();
    }

    private void Add(VitsVoiceOptions options)
    {
        VitsVoice voice = new(options, _backend, _espeak);
        _voices.Add(voice);
        foreach ((SpeechVoice named, int speaker) in voice.Voices())
        {
            if (!_byName.TryAdd(named.Name, (voice, speaker))) throw new ArgumentException($"there are two voices named \"{named.Name}\"", nameof(options));
            Voices = [.. Voices, named];
        }
    }

    private async IAsyncEnumerable<SpokenPart> SpeakAsync(
        SpeechPart part, VitsVoice voice, int speaker, [EnumeratorCancellation] CancellationToken cancellation)
    {
        VitsText text = VitsText.Of(part);
        VitsPhrase phrase = new($"{voice.Name}:{speaker}", text.Text, string.Join(' ', part.Runs.Select(r => $"{r.Offset - part.Start} {r.Manner}")), part.EndsSentence);
        if (_cache.Find(phrase) is { } kept)
        {
            yield return Move(kept, part.Start);
            yield break;
        }

        IReadOnlyList<VitsSymbol> symbols = await voice.ReadAsync(text, cancellation);
        if (symbols.Count == 0) yield break;
        if (symbols.Count > MaxSymbols)
            throw new SpeechRequestException("text", $"a sentence has {symbols.Count} symbols; the voice takes {MaxSymbols}");
        SpeechManner[] manners = [.. symbols.Select(s => MannerAt(part, text.Sources[s.Offset]))];
        float[] lengths = [.. manners.Select(m => voice.File.LengthScale / m.Rate * Pitch(m))];
        VitsManner manner = new(voice.File.NoiseScale, voice.File.DurationNoiseScale, speaker, _options.Seed);
        using VitsUtterance utterance = await TakeTurnAsync(() => voice.Model.Encode([.. symbols.Select(s => s.Id)], lengths, manner), cancellation);

        int frameLength = voice.Model.FrameLength;
        float[] Frames(Func<SpeechManner, float> of) => [.. utterance.Durations.SelectMany((frames, i) => Enumerable.Repeat(of(manners[i]), frames))];
        float[] gains = Frames(m => m.Volume);
        VitsPitch? pitch = manners.All(m => Pitch(m) == 1) ? null : new VitsPitch(Frames(Pitch), frameLength);
        IReadOnlyList<SpokenWord> words = VitsWords.Of(text, part, symbols, utterance.Durations, frame => pitch?.Start(frame) ?? frame * frameLength);
        int pause = part.EndsSentence ? (int)(SentencePauseSeconds * voice.File.SampleRate / manners[^1].Rate) : 0;
        float[] whole = new float[(pitch?.Length ?? gains.Length * frameLength) + pause];
        float[] decoded = pitch is null ? whole : new float[gains.Length * frameLength];
        int slice = Math.Max(1, (int)(FirstSliceSeconds * voice.File.SampleRate / frameLength)), given = 0;
        for (int frame = 0; frame < gains.Length;)
        {
            int first = frame, count = Math.Min(slice, gains.Length - frame);
            Memory<float> samples = decoded.AsMemory(first * frameLength, count * frameLength);
            await TakeTurnAsync(() => Decode(voice.Model, utterance, first, count, samples.Span), cancellation);
            VitsGain.Apply(samples.Span, gains, first, frameLength);
            frame += count;
            int end = pitch?.Render(decoded, frame, given, whole) ?? frame * frameLength;
            yield return new SpokenPart(whole.AsMemory(given..end), first == 0 ? words : []);
            given = end;
            slice = Math.Min(2 * slice, Math.Max(1, (int)(LongestSliceSeconds * voice.File.SampleRate / frameLength)));
        }

        if (pause > 0) yield return new SpokenPart(whole.AsMemory(whole.Length - pause), []);
        _cache.Add(phrase, Move(new SpokenPart(whole, words), -part.Start));
    }

    private static float Pitch(SpeechManner manner) => Math.Clamp(manner.Pitch, LowestPitch, HighestPitch);

    private static bool Decode(Models.Architectures.Vits model, VitsUtterance utterance, int first, int count, Span<float> samples)
    {
        model.Decode(utterance, first, count, samples);
        return true;
    }

    /// <summary>The backend serves one caller at a time, on a thread of its own.</summary>
    private async Task<T> TakeTurnAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static SpeechManner MannerAt(SpeechPart part, int offset) => part.Runs.FirstOrDefault(r => offset < r.End, part.Runs[^1]).Manner;

    private static SpokenPart Move(SpokenPart spoken, int by) =>
        spoken with { Words = [.. spoken.Words.Select(w => w with { Offset = w.Offset + by })] };

    private void Free()
    {
        _voices.ForEach(voice => voice.Dispose());
        _espeak.Dispose();
        _backend.Dispose();
    }
}
