using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Speech.Recognition;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>
/// Understands what the prompt says: its n-th part, parted by "|", is the n-th utterance's text. A partial result comes after half a
/// second of the utterance, the final one at its end.
/// </summary>
internal sealed class ScriptedRecognizer : ISpeechRecognizer
{
    private const int Rate = 16_000;

    public string Name => "scripted";

    public IReadOnlyList<string> Languages => ["en"];

    public Task<Transcript> TranscribeAsync(ReadOnlyMemory<float> samples, TranscriptionOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException("conversations do not ask this");

    public IRecognitionStream OpenStream(TranscriptionOptions options) => new Stream(options.Prompt.Split('|'));

    public void Dispose()
    {
    }

    private sealed class Stream(string[] script) : IRecognitionStream
    {
        private readonly Channel<RecognitionUpdate> _updates = Channel.CreateUnbounded<RecognitionUpdate>();
        private int _samples, _utterance;
        private bool _isHinted;

        public void Write(ReadOnlySpan<float> samples)
        {
            _samples += samples.Length;
            if (_samples >= Rate / 2 && !_isHinted)
            {
                _isHinted = true;
                Update(isFinal: false);
            }
        }

        public void EndUtterance()
        {
            if (_samples > 0)
            {
                Update(isFinal: true);
                (_samples, _isHinted) = (0, false);
                _utterance++;
            }
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

        private void Update(bool isFinal)
        {
            string text = _utterance < script.Length ? script[_utterance] : "";
            _updates.Writer.TryWrite(new(text, isFinal ? text : "", [], isFinal, isFinal ? 1 : 0, 0.9f, "en", TimeSpan.FromSeconds((double)_samples / Rate)));
        }
    }
}
