using System.Runtime.CompilerServices;
using Inference.Speech.Synthesis;
using Inference.Speech.Synthesis.Espeak;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>What espeak-ng said once, at once and as often as wanted: so that only the tests' clock moves.</summary>
internal sealed class RecordedSpeech : ISpeechSynthesizer
{
    private readonly Dictionary<string, SpeechChunk[]> _recorded = [];

    public string Name => "recorded";

    public IReadOnlyList<SpeechVoice> Voices { get; } = [new("recorded", "en", 22_050)];

    public static async Task<RecordedSpeech> OfAsync(params IEnumerable<string> texts)
    {
        RecordedSpeech speech = new();
        await using EspeakSynthesizer espeak = await EspeakSynthesizer.StartAsync(new EspeakOptions(), TimeProvider.System, CancellationToken.None);
        foreach (string text in texts)
        {
            speech._recorded[text] = await espeak.SynthesizeAsync(new SpeechRequest { Text = text }, CancellationToken.None).ToArrayAsync();
        }

        return speech;
    }

    /// <summary>All samples of a text.</summary>
    public float[] Samples(string text) => [.. _recorded[text].SelectMany(c => c.Samples.ToArray())];

    /// <summary>Where words begin, in samples.</summary>
    public long[] Words(string text) => [.. _recorded[text].SelectMany(c => c.Marks).Where(m => m.Kind == SpeechMarkKind.Word).Select(m => m.Sample)];

    public async IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (SpeechChunk chunk in _recorded[request.Text])
        {
            await ValueTask.CompletedTask;
            yield return chunk;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
