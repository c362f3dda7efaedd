using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using Inference.Speech.Conversation;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;
using Inference.Speech.VoiceActivity;
using Inference.VoiceHost.Grpc;

namespace Inference.VoiceHost.Conversations;

/// <summary>
/// Decides in a conversation whose turn it is: when the user has finished, when an answer is interrupted, and when it goes on because
/// the interruption was none. Takes one event after the other.
/// </summary>
/// <param name="settings">What the client asked for.</param>
/// <param name="ear">Hears; null: the host has no recogniser.</param>
/// <param name="speaker">Speaks.</param>
/// <param name="history">What was said.</param>
/// <param name="time">The clock.</param>
/// <param name="send">Takes what the client is told.</param>
/// <param name="write">Asks the model for an answer to messages.</param>
/// <param name="cancellationToken">Ends answers.</param>
internal sealed class Dialogue(
    ConversationSettings settings, Ear? ear, Speaker speaker, ConversationHistory history, TimeProvider time,
    Func<ConverseResponse, ValueTask> send, Action<Answer, Chat> write, CancellationToken cancellationToken) : IDisposable
{
    private const int MaxTextLength = 8192;

    // Requests wait their turn: this bounds what those of one conversation hold.
    private const int MaxAudioBytes = 1 << 20;

    private readonly SpeakingRequests _speaking = new(speaker, send);
    private Answer? _answer;
    // _aside: what was said over the host without interrupting it.
    private string _heard = "", _partial = "", _aside = "";
    private bool _beganOverSpeech, _isInterruption, _isHeld, _isPressed, _requestsEnded, _isLeaving;
    private int _turns;
    private long _transcribedAt;

    /// <summary>Whether the user hears something, or is about to.</summary>
    private bool IsActive => _answer is { IsWritten: false } or { IsSpoken: false } || speaker.IsSpeaking;

    /// <summary>What the user has said of the running turn.</summary>
    private string TurnText => Join(_heard, _partial);

    /// <summary>Takes what has happened.</summary>
    /// <exception cref="SpeechRequestException">The client's audio cannot be understood here.</exception>
    public async ValueTask HandleAsync(ConversationEvent next)
    {
        await (next switch
        {
            ConversationEvent.Requested requested => FollowAsync(requested.Request),
            ConversationEvent.Quiet quiet => HearNothingAsync(quiet.Time),
            ConversationEvent.RequestsEnded => EndRequestsAsync(),
            ConversationEvent.Understood understood => UnderstandAsync(understood.Update),
            ConversationEvent.Written written => WriteAsync(written.Answer, written.Text),
            ConversationEvent.WritingEnded ended => EndWritingAsync(ended),
            ConversationEvent.SpeakingBegan began => BeginSpeakingAsync(began),
            ConversationEvent.UtteranceEnded ended => EndUtteranceAsync(ended.UtteranceId),
            _ => throw new InvalidOperationException($"{next.GetType().Name} is not known"),
        });
        if (_requestsEnded && !_isLeaving && _answer is null or { IsWritten: true } && ear is null or { IsUnderstood: true } && TurnText.Length == 0)
        {
            _isLeaving = true;
            speaker.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _answer?.Dispose();

    private ValueTask FollowAsync(ConverseRequest request) => _requestsEnded ? RefuseAsync("request", "the host is about to leave") : request.RequestCase switch
    {
        ConverseRequest.RequestOneofCase.Audio => HearAsync(request.Audio.Memory),
        ConverseRequest.RequestOneofCase.Text => ReadAsync(request.Text),
        ConverseRequest.RequestOneofCase.TalkButton => PressAsync(request.TalkButton.Pressed),
        ConverseRequest.RequestOneofCase.Playback => _speaking.AcknowledgeAsync(request.Playback),
        ConverseRequest.RequestOneofCase.Speak => _speaking.SpeakAsync(request.Speak),
        ConverseRequest.RequestOneofCase.Control => ControlAsync(request.Control),
        _ => RefuseAsync("request", "must hold audio, text, talk_button, playback, speak or control after the first"),
    };

    private async ValueTask HearAsync(ReadOnlyMemory<byte> audio)
    {
        Ear hearing = ear ?? throw new SpeechRequestException("audio", "no model for recognition is configured");
        if (audio.Length > MaxAudioBytes)
        {
            throw new SpeechRequestException("audio", $"must be at most {MaxAudioBytes} bytes at a time, not {audio.Length}");
        }

        bool isDeaf = settings.Mode == ConversationMode.PushToTalk ? !_isPressed : settings.Mode == ConversationMode.HalfDuplex && IsActive;
        await NoticeAsync(hearing.Hear(audio.Span, isDeaf));
    }

    private async ValueTask HearNothingAsync(TimeSpan quiet)
    {
        if (ear is not null && !_isPressed && (ear.InUtterance || TurnText.Length > 0))
        {
            await NoticeAsync(ear.HearNothing(quiet));
        }
    }

    private async ValueTask NoticeAsync(IReadOnlyList<Endpoint> endpoints)
    {
        foreach (Endpoint endpoint in endpoints)
        {
            if (endpoint == Endpoint.Started && TurnText.Length == 0)
            {
                _beganOverSpeech = IsActive;
            }

            await send(new ConverseResponse { UserSpeech = new UserSpeech { IsSpeaking = endpoint == Endpoint.Started, Time = ear!.Position.ToDuration() } });
        }

        await DecideAsync();
    }

    private async ValueTask UnderstandAsync(RecognitionUpdate update)
    {
        ear!.Note(update);
        if (update.IsFinal)
        {
            _heard = Join(_heard, update.Text.Trim());
            _transcribedAt = time.GetTimestamp();
        }

        _partial = update.IsFinal ? "" : update.Text.Trim();
        if (update.IsFinal || settings.InterimResults)
        {
            UserTranscript transcript = new()
            {
                Text = update.Text,
                StableText = update.StableText,
                IsFinal = update.IsFinal,
                Confidence = update.Confidence,
                Language = update.Language,
            };
            transcript.Words.AddRange(update.Words.Select(w => WireRecognition.ToWord(w, TimeSpan.Zero)));
            await send(new ConverseResponse { Transcript = transcript });
        }

        await DecideAsync();
    }

    /// <summary>Looks at what the user has said, and at their silence.</summary>
    private async ValueTask DecideAsync()
    {
        string text = TurnText;
        if (_beganOverSpeech && !_isInterruption && IsActive)
        {
            if (BargeIn.IsInterruption(text, ear!.Voice, settings.BargeIn))
            {
                await InterruptAsync();
            }
            else if (ear.InUtterance && ear.Voice >= settings.PauseAfter)
            {
                Hold(true);
            }
        }

        if (ear is not { IsUnderstood: true } || _isPressed)
        {
            return;
        }

        bool isNothing = TurnEnd.SilenceNeeded(text, settings.TurnEnd) == Timeout.InfiniteTimeSpan;
        if (isNothing || (_beganOverSpeech && !_isInterruption && IsActive))
        {
            await IgnoreAsync(text);
        }
        else if (settings.Mode == ConversationMode.PushToTalk || _requestsEnded || TurnEnd.IsOver(text, ear.Silence, settings.TurnEnd))
        {
            ForgetTurn();
            await AnswerAsync(text, ear.LastVoiceAt, _transcribedAt);
        }
    }

    /// <summary>A cough, a listening sound, or words that were too few: what paused for it goes on, and the words count for the next turn.</summary>
    private async ValueTask IgnoreAsync(string text)
    {
        ForgetTurn();
        _aside = BargeIn.HasWords(text, settings.BargeIn) ? Join(_aside, text) : _aside;
        Hold(false);
        if (text.Length > 0)
        {
            await send(new ConverseResponse { UserTurn = new UserTurn { Text = text, Ignored = true } });
        }
    }

    private async ValueTask InterruptAsync()
    {
        _isInterruption = true;
        Hold(true);
        await CancelAnswerAsync();
    }

    private async ValueTask CancelAnswerAsync()
    {
        if (_answer is null)
        {
            return;
        }

        bool wasWritten = _answer.IsWritten;
        _answer.Cancel();
        speaker.Stop(_answer.UtteranceId);
        if (!wasWritten)
        {
            await send(new ConverseResponse { AnswerEnd = new AnswerEnd { Turn = _answer.Turn, Reason = AnswerEnd.Types.Reason.Cancelled } });
        }
    }

    private async ValueTask AnswerAsync(string text, long lastVoice, long transcribed)
    {
        await CancelAnswerAsync();
        _turns++;
        _answer?.Dispose();
        Answer answer = new(_turns, lastVoice, transcribed, time.GetTimestamp(), cancellationToken);
        _answer = answer;
        await send(new ConverseResponse { UserTurn = new UserTurn { Turn = _turns, Text = text } });
        history.AddUser(_aside);
        history.AddUser(text);
        _aside = "";
        Chat messages = history.ToChat();
        try
        {
            (answer.UtteranceId, SpokenUtterance utterance) = speaker.Say(settings.Manner, answer.Text, settings.Priority, _turns);
            history.AddAnswer(() => utterance.HeardText(time));
        }
        catch (InvalidOperationException exception)
        {
            (answer.IsWritten, answer.IsSpoken) = (true, true);
            await send(new ConverseResponse { AnswerEnd = new AnswerEnd { Turn = _turns, Reason = AnswerEnd.Types.Reason.Failed, Error = exception.Message } });
            return;
        }
        finally
        {
            Hold(false);
        }

        write(answer, messages);
    }

    private async ValueTask WriteAsync(Answer answer, string text)
    {
        if (answer.IsWritten)
        {
            return;
        }

        answer.FirstToken ??= time.GetTimestamp();
        answer.Text.Append(text);
        await send(new ConverseResponse { AnswerDelta = new AnswerDelta { Turn = answer.Turn, Text = text } });
    }

    private async ValueTask EndWritingAsync(ConversationEvent.WritingEnded ended)
    {
        if (ended.Answer.IsWritten)
        {
            return;
        }

        ended.Answer.IsWritten = true;
        ended.Answer.Text.Complete();
        await send(new ConverseResponse
        {
            AnswerEnd = new AnswerEnd
            {
                Turn = ended.Answer.Turn,
                Reason = ended.Error is not null ? AnswerEnd.Types.Reason.Failed : ended.Reason switch
                {
                    FinishReason.Length => AnswerEnd.Types.Reason.Length,
                    FinishReason.Cancelled => AnswerEnd.Types.Reason.Cancelled,
                    _ => AnswerEnd.Types.Reason.Complete,
                },
                Error = ended.Error ?? "",
            },
        });
    }

    private async ValueTask BeginSpeakingAsync(ConversationEvent.SpeakingBegan began)
    {
        if (_answer is not { FirstToken: { } firstToken } || _answer.UtteranceId != began.UtteranceId)
        {
            return;
        }

        TimeSpan end = Elapsed(_answer.LastVoice, _answer.TurnEnded), token = Elapsed(_answer.TurnEnded, firstToken), audio = Elapsed(firstToken, began.Timestamp);
        await send(new ConverseResponse
        {
            Metrics = new TurnMetrics
            {
                Turn = _answer.Turn,
                EndOfUtterance = end.ToDuration(),
                FirstToken = token.ToDuration(),
                FirstAudio = audio.ToDuration(),
                VoiceToVoice = (end + token + audio).ToDuration(),
                Transcript = Elapsed(_answer.LastVoice, _answer.Transcribed).ToDuration(),
            },
        });
    }

    private async ValueTask EndUtteranceAsync(long utteranceId)
    {
        if (_answer is { IsSpoken: false } && _answer.UtteranceId == utteranceId)
        {
            _answer.IsSpoken = true;
            // Stopped, or it could not be spoken: nobody would hear the rest.
            await CancelAnswerAsync();
        }
    }

    private async ValueTask ReadAsync(string text)
    {
        if (text.Length is 0 or > MaxTextLength)
        {
            await RefuseAsync("text", $"must be 1 to {MaxTextLength} characters, not {text.Length}");
            return;
        }

        long now = time.GetTimestamp();
        await AnswerAsync(text, now, now);
    }

    private async ValueTask PressAsync(bool isPressed)
    {
        if (ear is null || settings.Mode != ConversationMode.PushToTalk)
        {
            await RefuseAsync("talk_button", ear is null ? "no model for recognition is configured" : "is for push to talk");
            return;
        }

        if (isPressed == _isPressed)
        {
            return;
        }

        _isPressed = isPressed;
        if (isPressed)
        {
            await InterruptAsync();
            ear.Open();
        }
        else
        {
            ear.Close();
        }

        await send(new ConverseResponse { UserSpeech = new UserSpeech { IsSpeaking = isPressed, Time = ear.Position.ToDuration() } });
        await DecideAsync();
    }

    private async ValueTask ControlAsync(SpeakingControl control)
    {
        if (control is { Action: SpeakingControl.Types.Action.Stop, UtteranceId: 0 })
        {
            await CancelAnswerAsync();
        }

        await _speaking.ControlAsync(control);
    }

    private async ValueTask EndRequestsAsync()
    {
        if (_requestsEnded)
        {
            return;
        }

        (_requestsEnded, _isPressed) = (true, false);
        if (ear?.Complete() == true)
        {
            await send(new ConverseResponse { UserSpeech = new UserSpeech { Time = ear.Position.ToDuration() } });
        }

        await DecideAsync();
    }

    private void ForgetTurn() => (_heard, _partial, _beganOverSpeech, _isInterruption) = ("", "", false, false);

    private void Hold(bool isHeld)
    {
        if (_isHeld != isHeld)
        {
            _isHeld = isHeld;
            speaker.Hold(isHeld);
        }
    }

    private TimeSpan Elapsed(long from, long to) => time.GetElapsedTime(from, Math.Max(from, to));

    private ValueTask RefuseAsync(string field, string description) => send(WireConversation.ToRefusal(field, description));

    private static string Join(params IEnumerable<string> texts) => string.Join(' ', texts.Where(t => t.Length > 0));
}
