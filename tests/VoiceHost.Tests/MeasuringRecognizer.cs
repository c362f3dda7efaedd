using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Speech.Recognition;

namespace Inference.VoiceHost.Tests;

/// <summary>Understands how long somebody spoke: its text is the number of samples. A final result per utterance, one before.</summary>
internal sealed class MeasuringRecognizer : ISpeechRecognizer
{
    private const int Rate = 16_000;

    public string Name => "measuring";

    public IReadOnlyList<string> Languages => ["en"];

    public Task<Transcript> TranscribeAsync(ReadOnlyMemory<float> samples, TranscriptionOptions options, CancellationToken cancellationToken)
    {
        TimeSpan duration = TimeSpan.FromSeconds((double)samples.Length / Rate);
        TranscriptSegment[] segments = samples.IsEmpty ? [] : [new(TimeSpan.Zero, duration, Text(samples.Length), [1], Words(duration), 0, -0.1f, 1, 0.1f)];
        return Task.FromResult(new Transcript(Text(samples.Length), options.Language ?? "en", 1, duration, segments));
    }

    public IRecognitionStream OpenStream(TranscriptionOptions options) => new Stream();

    public void Dispose()
    {
    }

    private static string Text(int samples) => samples.ToString(CultureInfo.InvariantCulture);

    private static RecognizedWord[] Words(TimeSpan end) => [new("word", TimeSpan.Zero, end, 0.9f)];

    private sealed class Stream : IRecognitionStream
    {
        private readonly Channel<RecognitionUpdate> _updates = Channel.CreateUnbounded<RecognitionUpdate>();
        private int _samples;

        public void Write(ReadOnlySpan<float> samples)
        {
            if (_samples == 0 && samples.Length > 0)
            {
                _updates.Writer.TryWrite(Update(samples.Length, false));
            }

            _samples += samples.Length;
        }

        public void EndUtterance()
        {
            _updates.Writer.TryWrite(Update(_samples, true));
            _samples = 0;
        }

        public void Complete() => _updates.Writer.TryComplete();

        public async IAsyncEnumerable<RecognitionUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (RecognitionUpdate update in _updates.Reader.ReadAllAsync(cancellationToken))
            {
                yield return update;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static RecognitionUpdate Update(int samples, bool isFinal)
        {
            TimeSpan duration = TimeSpan.FromSeconds((double)samples / Rate);
            return new(Text(samples), isFinal ? Text(samples) : "", Words(duration), isFinal, isFinal ? 1 : 0, 0.9f, "en", duration);
        }
    }
}
