using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>A text that is spoken while it is being written, as a language model's answer is. One writer, one reader.</summary>
public sealed class GrowingText
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _isComplete;

    /// <summary>All of it so far.</summary>
    public string Text => Read().Text;

    /// <summary>Adds some.</summary>
    public void Append(string piece)
    {
        lock (_lock)
        {
            _text.Append(piece);
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>No more will come.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>The sentences' ranges, each as soon as it is certain where it ends.</summary>
    public async IAsyncEnumerable<Range> ReadSentencesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int read = 0;
        while (true)
        {
            (string text, bool isComplete) = Read();
            int from = read;
            foreach (Range sentence in SentenceSplitter.Split(text[from..], isComplete))
            {
                read = from + sentence.End.Value;
                yield return (from + sentence.Start.Value)..read;
            }

            if (isComplete)
            {
                yield break;
            }

            await _news.Reader.ReadAsync(cancellationToken);
        }
    }

    private (string Text, bool IsComplete) Read()
    {
        lock (_lock)
        {
            return (_text.ToString(), _isComplete);
        }
    }
}
