using Inference.Contracts.Speech.V1;
using Inference.Speech.Synthesis;
using Inference.VoiceHost.Grpc;
using Action = Inference.Contracts.Speech.V1.SpeakingControl.Types.Action;

namespace Inference.VoiceHost.Conversations;

/// <summary>What a client asks of the speaking queue itself. What cannot be followed is refused by name.</summary>
/// <param name="speaker">Speaks.</param>
/// <param name="send">Takes what the client is told.</param>
internal sealed class SpeakingRequests(Speaker speaker, Func<ConverseResponse, ValueTask> send)
{
    /// <summary>The client has played so much.</summary>
    public ValueTask AcknowledgeAsync(Playback playback) =>
        playback.Position?.ToTimeSpan() is not { } position || position < TimeSpan.Zero ? RefuseAsync("playback.position", "must be 0 s or more")
        : speaker.Acknowledge(playback.UtteranceId, position) ? ValueTask.CompletedTask
        : RefuseAsync("playback.utterance_id", $"there is no utterance {playback.UtteranceId}");

    /// <summary>Says something beside the conversation.</summary>
    public async ValueTask SpeakAsync(Speak request)
    {
        try
        {
            speaker.Say(WireConversation.ToRequest(request), request.Priority, request.Tag);
        }
        catch (SpeechRequestException exception)
        {
            await RefuseAsync($"speak.{exception.Field}", exception.Reason, request.Tag);
        }
        catch (InvalidOperationException exception)
        {
            await RefuseAsync("speak", exception.Message, request.Tag);
        }
    }

    /// <summary>Stops, pauses, resumes, skips or repeats.</summary>
    public async ValueTask ControlAsync(SpeakingControl control)
    {
        long id = control.UtteranceId;
        bool? isDone = control.Action switch
        {
            Action.Stop => id == 0 ? Do(speaker.StopAll) : speaker.Stop(id),
            Action.Pause => Do(() => speaker.Pause(true)),
            Action.Resume => Do(() => speaker.Pause(false)),
            Action.Skip => speaker.Skip(),
            Action.Replay => speaker.Replay(id),
            _ => null,
        };
        if (isDone != true)
        {
            await (isDone is null
                ? RefuseAsync("control.action", $"{control.Action} is not known")
                : RefuseAsync("control.utterance_id", $"there is no utterance {id} to {control.Action.ToString().ToLowerInvariant()}"));
        }
    }

    private static bool Do(System.Action action)
    {
        action();
        return true;
    }

    private ValueTask RefuseAsync(string field, string description, string tag = "") => send(WireConversation.ToRefusal(field, description, tag));
}
