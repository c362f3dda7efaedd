using Inference.Speech.Conversation;

namespace Inference.VoiceHost.Conversations;

/// <summary>An answer that is being written and spoken. Times are timestamps.</summary>
internal sealed class Answer(int turn, long lastVoice, long transcribed, long turnEnded, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    public int Turn => turn;

    /// <summary>The user's last sound.</summary>
    public long LastVoice => lastVoice;

    /// <summary>The final transcript.</summary>
    public long Transcribed => transcribed;

    public long TurnEnded => turnEnded;

    public long? FirstToken { get; set; }

    public GrowingText Text { get; } = new();

    /// <summary>Ends its generation.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    public long UtteranceId { get; set; }

    /// <summary>Whether no more text comes.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Whether its utterance has ended.</summary>
    public bool IsSpoken { get; set; }

    /// <summary>Ends the generation, and the text where it is.</summary>
    public void Cancel()
    {
        IsWritten = true;
        Text.Complete();
        _cancellation.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();
}
