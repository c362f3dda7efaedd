using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;

namespace Inference.VoiceHost.Recognition;

/// <summary>
/// One stream: bytes of audio in, utterances out. The audio is decoded, cut into utterances, and these are recognised while they
/// are spoken. A client that does not read its events, or sends faster than they are understood, is no longer read from: nothing grows.
/// </summary>
internal sealed class StreamingRecognition(
    ISpeechRecognizer recognizer, TranscriptionOptions options, IVoiceActivityModel voiceActivity, EndpointingOptions endpointing)
{
    private const int UnreadEvents = 256;

    /// <summary>Reads the audio to its end.</summary>
    /// <param name="audio">Bytes, cut anywhere.</param>
    /// <param name="decoder">Reads them; owned from here on.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <exception cref="AudioFormatException">The audio cannot be read.</exception>
    /// <exception cref="ArgumentException">An option that the model does not have, or that is out of its range.</exception>
    public async IAsyncEnumerable<RecognitionEvent> RunAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> audio, IAudioDecoder decoder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using MonoReader reader = new(decoder, IVoiceActivityModel.SampleRate);
        UtteranceDetector utterances = new(voiceActivity, endpointing);
        await using IRecognitionStream recognition = recognizer.OpenStream(options);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<RecognitionEvent> events = Channel.CreateBounded<RecognitionEvent>(UnreadEvents);
        ConcurrentQueue<TimeSpan> starts = new();
        Task listening = ListenAsync(audio, reader, utterances, recognition, starts, events.Writer, stop.Token);
        Task understanding = UnderstandAsync(recognition, starts, events.Writer, stop.Token);
        Task both = StreamTasks.CompleteAsync([listening, understanding], events.Writer, stop);
        try
        {
            await foreach (RecognitionEvent next in events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return next;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await both;
        }
    }

    private static async Task ListenAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> audio, MonoReader reader, UtteranceDetector utterances, IRecognitionStream recognition,
        ConcurrentQueue<TimeSpan> starts, ChannelWriter<RecognitionEvent> events, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<float> samples = new();
        List<float> probabilities = [];
        await foreach (ReadOnlyMemory<byte> bytes in audio.WithCancellation(cancellationToken))
        {
            for (int at = 0; at < bytes.Length; at += RecognizerCatalog.DecodedBytes)
            {
                reader.Push(bytes.Span[at..Math.Min(at + RecognizerCatalog.DecodedBytes, bytes.Length)], samples);
                await PassAsync();
            }
        }

        reader.Complete(samples);
        await PassAsync();
        if (utterances.End() is { } last)
        {
            await TakeAsync(last);
        }

        recognition.Complete();

        async Task PassAsync()
        {
            foreach (VoiceFrame frame in utterances.Push(samples.WrittenSpan))
            {
                probabilities.Add(frame.Probability);
                await TakeAsync(frame);
            }

            samples.ResetWrittenCount();
            await recognition.WaitForRoomAsync(cancellationToken);
        }

        async Task TakeAsync(VoiceFrame frame)
        {
            if (frame.Endpoint == Endpoint.Started)
            {
                starts.Enqueue(Time(frame.EndSample - frame.Speech.Length));
            }

            // Before the samples: an utterance begins before its first result, and ends before its last.
            if (frame.Endpoint != Endpoint.None)
            {
                await events.WriteAsync(
                    new RecognitionEvent(frame.Endpoint, null, starts.LastOrDefault(), Time(frame.EndSample), [.. probabilities]), cancellationToken);
                probabilities.Clear();
            }

            recognition.Write(frame.Speech.Span);
            if (frame.Endpoint == Endpoint.Ended)
            {
                recognition.EndUtterance();
            }
        }
    }

    private static async Task UnderstandAsync(
        IRecognitionStream recognition, ConcurrentQueue<TimeSpan> starts, ChannelWriter<RecognitionEvent> events, CancellationToken cancellationToken)
    {
        // Of an utterance that was cut, since it was too long: its pieces until now.
        TimeSpan before = TimeSpan.Zero;
        await foreach (RecognitionUpdate update in recognition.ReadAsync(cancellationToken))
        {
            starts.TryPeek(out TimeSpan start);
            start += before;
            await events.WriteAsync(new RecognitionEvent(Endpoint.None, update, start, start + update.AudioProcessed, []), cancellationToken);
            if (update.GoesOn)
            {
                before += update.AudioProcessed;
            }
            else if (update.IsFinal)
            {
                before = TimeSpan.Zero;
                starts.TryDequeue(out _);
            }
        }
    }

    private static TimeSpan Time(long sample) => TimeSpan.FromSeconds((double)sample / IVoiceActivityModel.SampleRate);
}
