using System.Diagnostics;
using System.Threading.Channels;
using Google.Protobuf;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>A conversation as a client has it: a microphone that is always on once it was used, and what the host says.</summary>
internal sealed class TestConversation : IAsyncDisposable
{
    private const int PieceBytes = ConversationFixture.Rate / 50 * sizeof(short);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Channel<ConverseRequest> _requests = Channel.CreateUnbounded<ConverseRequest>();
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly List<ConverseResponse> _responses = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly Channel<byte[]> _voice = Channel.CreateUnbounded<byte[]>();
    private readonly Task _reading;
    private Task _microphone = Task.CompletedTask;

    /// <param name="client">Of the voice host.</param>
    /// <param name="config">How to converse.</param>
    /// <param name="readTime">How long each response takes to read: more than 20 ms falls behind the audio.</param>
    public TestConversation(InferenceClient client, ConversationConfig config, TimeSpan readTime = default) => _reading = ReadAsync(client, config, readTime);

    /// <summary>What the host has said so far.</summary>
    public IReadOnlyList<ConverseResponse> Responses
    {
        get
        {
            lock (_responses)
            {
                return [.. _responses];
            }
        }
    }

    /// <summary>The 16-bit samples of an utterance so far, without what was to be dropped.</summary>
    public byte[] Audio(long utterance)
    {
        List<byte> audio = [];
        int rate = 0;
        foreach (ConverseResponse response in Responses)
        {
            if (response.Audio is { } piece && piece.UtteranceId == utterance)
            {
                rate = piece.SampleRate;
                audio.AddRange(piece.Audio.Span);
            }
            else if (response.Speaking is { State: SpeakingChange.Types.State.Paused } paused && paused.UtteranceId == utterance)
            {
                int heard = (int)Math.Round(paused.HeardUntil.ToTimeSpan().TotalSeconds * rate) * sizeof(short);
                audio.RemoveRange(Math.Min(heard, audio.Count), Math.Max(0, audio.Count - heard));
            }
        }

        return [.. audio];
    }

    /// <summary>The states of an utterance so far.</summary>
    public IReadOnlyList<SpeakingChange.Types.State> States(long utterance) =>
        [.. Responses.Select(r => r.Speaking).Where(s => s?.UtteranceId == utterance).Select(s => s.State)];

    public void Send(ConverseRequest request) => _requests.Writer.TryWrite(request);

    public void Ask(string text) => Send(new ConverseRequest { Text = text });

    public void Control(SpeakingControl.Types.Action action, long utterance = 0) =>
        Send(new ConverseRequest { Control = new SpeakingControl { Action = action, UtteranceId = utterance } });

    /// <summary>Speaks, in real time, into a microphone that stays on. Ends when all was said.</summary>
    public async Task SayAsync(byte[] samples)
    {
        if (_microphone.IsCompleted)
        {
            _microphone = RecordAsync(_leaving.Token);
        }

        byte[][] pieces = [.. samples.Chunk(PieceBytes).Where(p => p.Length == PieceBytes)];
        foreach (byte[] piece in pieces)
        {
            _voice.Writer.TryWrite(piece);
        }

        while (_voice.Reader.Count > 0)
        {
            await Task.Delay(10);
        }
    }

    /// <summary>Waits for what the host says; fails after half a minute, or where the call fails.</summary>
    public async Task<ConverseResponse> WaitAsync(Func<ConverseResponse, bool> isIt)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            if (Responses.FirstOrDefault(isIt) is { } response)
            {
                return response;
            }

            if (_reading.IsCompleted)
            {
                await _reading;
                throw new InvalidOperationException("the call ended without what is waited for: " + string.Join('\n', Responses.Where(r => r.Audio is null)));
            }

            try
            {
                await _news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("what is waited for did not come: " + string.Join('\n', Responses.Where(r => r.Audio is null)));
            }
        }
    }

    /// <summary>Waits for an utterance's state.</summary>
    public async Task<SpeakingChange> WaitAsync(SpeakingChange.Types.State state, Func<SpeakingChange, bool>? which = null) =>
        (await WaitAsync(r => r.Speaking?.State == state && which?.Invoke(r.Speaking) != false)).Speaking;

    /// <summary>Says no more, and waits until the host has ended as well.</summary>
    public async Task EndAsync()
    {
        await _leaving.CancelAsync();
        await _microphone;
        _requests.Writer.TryComplete();
        await _reading.WaitAsync(Limit);
    }

    /// <summary>Leaves without a word.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _microphone;
        _requests.Writer.TryComplete();
        await _abandoned.CancelAsync();
        await Task.WhenAny(_reading);
        _news.Dispose();
    }

    private async Task ReadAsync(InferenceClient client, ConversationConfig config, TimeSpan readTime)
    {
        try
        {
            await foreach (ConverseResponse response in client.Speech.ConverseAsync(config, _requests.Reader.ReadAllAsync(), cancellationToken: _abandoned.Token))
            {
                lock (_responses)
                {
                    _responses.Add(response);
                }

                _news.Release();
                if (readTime > TimeSpan.Zero)
                {
                    await Task.Delay(readTime, _abandoned.Token);
                }
            }
        }
        finally
        {
            _news.Release();
        }
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        Stopwatch clock = Stopwatch.StartNew();
        byte[] silence = new byte[PieceBytes];
        for (int i = 1; !cancellationToken.IsCancellationRequested; i++)
        {
            byte[] piece = _voice.Reader.TryRead(out byte[]? spoken) ? spoken : silence;
            Send(new ConverseRequest { Audio = ByteString.CopyFrom(piece) });
            TimeSpan early = TimeSpan.FromMilliseconds(20 * i) - clock.Elapsed;
            await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero, CancellationToken.None);
        }
    }
}
