using System.Runtime.CompilerServices;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost;

/// <summary>A synthesizer whose work is counted. It does not own the engine.</summary>
internal sealed class MeteredSynthesizer(ISpeechSynthesizer engine, VoiceMetrics metrics, TimeProvider time) : ISpeechSynthesizer
{
    private readonly KeyValuePair<string, object?> _engine = new("engine", engine.Name);

    /// <inheritdoc/>
    public string Name => engine.Name;

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices => engine.Voices;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SpeechChunk> SynthesizeAsync(SpeechRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        bool isFirst = true;

        // Whoever stops reading has cancelled.
        string outcome = "cancelled";
        try
        {
            await using IAsyncEnumerator<SpeechChunk> chunks = Begin();
            while (await NextAsync(chunks))
            {
                if (isFirst && !chunks.Current.Samples.IsEmpty)
                {
                    isFirst = false;
                    metrics.SynthesisFirstAudio.Record(time.GetElapsedTime(start).TotalSeconds, _engine);
                }

                metrics.SynthesizedAudio.Add((double)chunks.Current.Samples.Length / chunks.Current.SampleRate, _engine);
                yield return chunks.Current;
            }

            outcome = "success";
        }
        finally
        {
            metrics.Syntheses.Add(1, _engine, new KeyValuePair<string, object?>("outcome", outcome));
        }

        IAsyncEnumerator<SpeechChunk> Begin()
        {
            try
            {
                return engine.SynthesizeAsync(request, cancellationToken).GetAsyncEnumerator(cancellationToken);
            }
            catch (Exception exception)
            {
                outcome = Outcome(exception);
                throw;
            }
        }

        async ValueTask<bool> NextAsync(IAsyncEnumerator<SpeechChunk> chunks)
        {
            try
            {
                return await chunks.MoveNextAsync();
            }
            catch (Exception exception)
            {
                outcome = Outcome(exception);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Outcome(Exception exception) => exception switch
    {
        OperationCanceledException => "cancelled",
        SpeechRequestException => "refused",
        _ => "failed",
    };
}
