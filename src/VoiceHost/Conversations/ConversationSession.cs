using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Speech.Recognition;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Conversations;

/// <summary>
/// One conversation's tasks: one reads requests, one understands, one speaks, one writes each answer. What happens in them comes into
/// one mailbox, and <see cref="Dialogue"/> decides. A client that does not read is no longer read from, and in the end it is left.
/// </summary>
internal sealed class ConversationSession : IAsyncDisposable
{
    private const int UnreadResponses = 256;
    private const int UnreadRequests = 64;

    // A client that sends nothing for so long is silent: longer than a network stutters.
    private static readonly TimeSpan QuietAfter = TimeSpan.FromMilliseconds(500);

    private readonly ConversationSettings _settings;
    private readonly GenerationClient _model;
    private readonly ConversationOptions _options;
    private readonly TimeProvider _time;
    private readonly Action _abort;
    private readonly Channel<ConversationEvent> _mailbox = Channel.CreateUnbounded<ConversationEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<ConverseResponse> _responses = Channel.CreateBounded<ConverseResponse>(UnreadResponses);
    private readonly SemaphoreSlim _requestSlots = new(UnreadRequests);
    private readonly CancellationTokenSource _stop;
    private readonly Ear? _ear;
    private readonly Speaker _speaker;
    private readonly Dialogue _dialogue;
    private readonly List<Task> _writing = [];
    private bool _isOver;

    /// <param name="settings">What the client asked for.</param>
    /// <param name="synthesizer">Speaks.</param>
    /// <param name="model">Answers.</param>
    /// <param name="options">The host's limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="abort">Ends the call where the client does not read: whoever writes to it does not hear of that.</param>
    /// <param name="cancellationToken">Ends the conversation.</param>
    /// <exception cref="ArgumentException">An option that the recogniser does not have, or that is out of its range.</exception>
    public ConversationSession(
        ConversationSettings settings, ISpeechSynthesizer synthesizer, GenerationClient model, ConversationOptions options, TimeProvider time,
        Action abort, CancellationToken cancellationToken)
    {
        (_settings, _model, _options, _time, _abort) = (settings, model, options, time, abort);
        _ear = settings.CreateEar?.Invoke();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _speaker = new Speaker(
            synthesizer, settings.Speaker, time, SendAsync,
            id => Post(new ConversationEvent.SpeakingBegan(id, time.GetTimestamp())), id => Post(new ConversationEvent.UtteranceEnded(id)));
        _dialogue = new Dialogue(
            settings, _ear, _speaker, new ConversationHistory(settings.SystemPrompt, options.MaxMessages), time, SendAsync, StartWriting, _stop.Token);
    }

    /// <summary>Ends as though the client would send nothing more.</summary>
    public void Leave() => Post(new ConversationEvent.RequestsEnded());

    /// <summary>Runs the conversation, once.</summary>
    /// <param name="requests">After the configuration.</param>
    /// <param name="reading">Ends the wait for a request.</param>
    /// <param name="cancellationToken">Ends the conversation.</param>
    public async IAsyncEnumerable<ConverseResponse> RunAsync(
        IAsyncEnumerator<ConverseRequest> requests, CancellationTokenSource reading, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using CancellationTokenRegistration stopReading = _stop.Token.Register(reading.Cancel);
        Task all = StreamTasks.CompleteAsync([ReadAsync(requests), UnderstandAsync(), SpeakAsync(), DecideAsync()], _responses.Writer, _stop);
        try
        {
            await foreach (ConverseResponse response in _responses.Reader.ReadAllAsync(cancellationToken))
            {
                yield return response;
            }
        }
        finally
        {
            await _stop.CancelAsync();
            await all;
            await Task.WhenAll(_writing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _speaker.DisposeAsync();
        await (_ear?.DisposeAsync() ?? ValueTask.CompletedTask);
        _dialogue.Dispose();
        _requestSlots.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(IAsyncEnumerator<ConverseRequest> requests)
    {
        try
        {
            while (true)
            {
                await _requestSlots.WaitAsync(_stop.Token);
                await (_ear?.WaitForRoomAsync(_stop.Token) ?? ValueTask.CompletedTask);
                Task<bool> next = requests.MoveNextAsync().AsTask();
                while (await Task.WhenAny(next, Task.Delay(QuietAfter, _time, _stop.Token)) != next && !_stop.IsCancellationRequested)
                {
                    Post(new ConversationEvent.Quiet(QuietAfter));
                }

                if (!await next)
                {
                    break;
                }

                Post(new ConversationEvent.Requested(requests.Current));
            }

            Post(new ConversationEvent.RequestsEnded());
        }
        catch (OperationCanceledException) when (_isOver)
        {
            // The host leaves: nobody waits for the client's next word.
        }
    }

    private async Task UnderstandAsync()
    {
        if (_ear is null)
        {
            return;
        }

        try
        {
            await foreach (RecognitionUpdate update in _ear.ReadAsync(_stop.Token))
            {
                Post(new ConversationEvent.Understood(update));
            }
        }
        catch (OperationCanceledException) when (_isOver)
        {
            // Nothing more was to be understood.
        }
    }

    private async Task SpeakAsync()
    {
        await _speaker.RunAsync(_stop.Token);
        Post(new ConversationEvent.SpeakingEnded());
    }

    private async Task DecideAsync()
    {
        await foreach (ConversationEvent next in _mailbox.Reader.ReadAllAsync(_stop.Token))
        {
            if (next is ConversationEvent.SpeakingEnded)
            {
                break;
            }

            await _dialogue.HandleAsync(next);
            if (next is ConversationEvent.Requested)
            {
                _requestSlots.Release();
            }
        }

        _isOver = true;
        await _stop.CancelAsync();
    }

    private void StartWriting(Answer answer, Chat messages)
    {
        _writing.RemoveAll(t => t.IsCompleted);
        _writing.Add(WriteAsync(answer, messages));
    }

    private async Task WriteAsync(Answer answer, Chat messages)
    {
        GenerateRequest request = _settings.Request.Clone();
        request.Chat = messages;
        FinishReason reason = FinishReason.Unspecified;
        try
        {
            InferenceCallOptions limit = new() { Timeout = _options.AnswerTimeout };
            await foreach (GenerateResponse response in _model.GenerateAsync(request, limit, answer.Cancelled))
            {
                foreach (Delta delta in response.Deltas)
                {
                    reason = delta.FinishReason == FinishReason.Unspecified ? reason : delta.FinishReason;
                    if (delta.Text.Length > 0)
                    {
                        Post(new ConversationEvent.Written(answer, delta.Text));
                    }
                }
            }

            Post(new ConversationEvent.WritingEnded(answer, reason, null));
        }
        catch (OperationCanceledException)
        {
            Post(new ConversationEvent.WritingEnded(answer, FinishReason.Cancelled, null));
        }
        catch (InferenceException exception)
        {
            Post(new ConversationEvent.WritingEnded(answer, FinishReason.Unspecified, exception.Message));
        }
    }

    private void Post(ConversationEvent next) => _mailbox.Writer.TryWrite(next);

    private async ValueTask SendAsync(ConverseResponse response)
    {
        if (_responses.Writer.TryWrite(response))
        {
            return;
        }

        try
        {
            await _responses.Writer.WriteAsync(response, _stop.Token).AsTask().WaitAsync(_options.ReaderTimeout, _time, _stop.Token);
        }
        catch (TimeoutException)
        {
            _abort();
            throw new RpcException(StatusCode.ResourceExhausted, $"the client has taken nothing for {_options.ReaderTimeout.TotalSeconds:0.#} s");
        }
    }
}
