using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;

namespace Inference.VoiceHost.Recognition;

/// <summary>A recogniser whose work is counted. It does not own the model.</summary>
internal sealed class MeteredRecognizer(ISpeechRecognizer model, VoiceMetrics metrics, TimeProvider time) : ISpeechRecognizer
{
    private readonly KeyValuePair<string, object?> _model = new("model_name", model.Name);

    /// <inheritdoc/>
    public string Name => model.Name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Languages => model.Languages;

    /// <inheritdoc/>
    public async Task<Transcript> TranscribeAsync(ReadOnlyMemory<float> samples, TranscriptionOptions options, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        Transcript transcript = await model.TranscribeAsync(samples, options, cancellationToken);
        metrics.RecognitionTime.Record(time.GetElapsedTime(start).TotalSeconds, _model);
        Heard(samples.Length, "clip");
        return transcript;
    }

    /// <inheritdoc/>
    public IRecognitionStream OpenStream(TranscriptionOptions options) => new Stream(model.OpenStream(options), this);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Heard(int samples, string kind) =>
        metrics.RecognizedAudio.Add((double)samples / IVoiceActivityModel.SampleRate, _model, new KeyValuePair<string, object?>("kind", kind));

    private void Streams(int change) => metrics.RecognitionStreams.Add(change, _model);

    private sealed class Stream : IRecognitionStream
    {
        private readonly IRecognitionStream _stream;
        private readonly MeteredRecognizer _owner;
        private bool _isDisposed;

        public Stream(IRecognitionStream stream, MeteredRecognizer owner)
        {
            (_stream, _owner) = (stream, owner);
            owner.Streams(1);
        }

        public void Write(ReadOnlySpan<float> samples)
        {
            _stream.Write(samples);
            _owner.Heard(samples.Length, "stream");
        }

        public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _stream.WaitForRoomAsync(cancellationToken);

        public void EndUtterance() => _stream.EndUtterance();

        public void Complete() => _stream.Complete();

        public IAsyncEnumerable<RecognitionUpdate> ReadAsync(CancellationToken cancellationToken) => _stream.ReadAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _owner.Streams(-1);
            }

            return _stream.DisposeAsync();
        }
    }
}
