using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Conversations;

/// <summary>All engines as one: each request goes to the engine that has its voice.</summary>
internal sealed class RoutedSynthesizer(SynthesizerCatalog catalog) : ISpeechSynthesizer
{
    /// <inheritdoc/>
    public string Name => string.Join(", ", catalog.All.Select(s => s.Name));

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices => [.. catalog.All.SelectMany(s => s.Voices)];

    /// <inheritdoc/>
    public IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, CancellationToken cancellationToken) =>
        catalog.Find(request).SynthesizeAsync(request, cancellationToken);

    /// <summary>Nothing: the engines are the host's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
