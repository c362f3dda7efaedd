using System.Buffers;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Rpc.Server;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using Microsoft.AspNetCore.Routing;

namespace Inference.VoiceHost.Grpc;

/// <summary>inference.speech.v1.SpeechService.</summary>
internal sealed class SpeechGrpcService(SynthesizerCatalog synthesizers)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(SpeechReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<ListVoicesRequest, ListVoicesResponse>("ListVoices", (request, _) => Task.FromResult(List(request.Language)))
            .ServerStream<SynthesizeRequest, SynthesizeResponse>("Synthesize", (request, context) => SynthesizeAsync(request, context.CancellationToken)));

    private ListVoicesResponse List(string language)
    {
        ListVoicesResponse response = new();
        foreach (ISpeechSynthesizer engine in synthesizers.All)
        {
            response.Voices.AddRange(engine.Voices.Where(v => Matches(v.Language, language))
                .Select(v => new Voice { Name = v.Name, Language = v.Language, SampleRate = v.SampleRate, Engine = engine.Name }));
        }

        response.Emotions.AddRange(SpeechEmotions.All.Select(e => e.Name));
        return response;
    }

    private static bool Matches(string language, string wanted) =>
        wanted.Length == 0 || language.Equals(wanted, StringComparison.OrdinalIgnoreCase) || language.StartsWith(wanted + "-", StringComparison.OrdinalIgnoreCase);

    private async IAsyncEnumerable<SynthesizeResponse> SynthesizeAsync(
        SynthesizeRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SpeechRequest speech = ToRequest(request);
        AudioOutput output = AudioOutput.Parse(WireSpeech.ToEncoding(request.Encoding), request.SampleRate);
        ArrayBufferWriter<byte> bytes = new();
        AudioWriter? writer = null;
        TimeSpan end = TimeSpan.Zero;
        try
        {
            await foreach (SpeechChunk chunk in synthesizers.Find(speech).SynthesizeAsync(speech, cancellationToken).WithCancellation(cancellationToken))
            {
                writer ??= output.CreateWriter(chunk.SampleRate);
                writer.Write(chunk.Samples.Span, bytes);
                SynthesizeResponse response = Take(bytes, writer.SampleRate, TimeSpan.FromSeconds((double)chunk.FirstSample / chunk.SampleRate));
                response.Marks.AddRange(chunk.Marks.Select(m => WireSpeech.ToMark(m, chunk.SampleRate)));
                end = TimeSpan.FromSeconds((double)chunk.EndSample / chunk.SampleRate);
                yield return response;
            }

            if (writer is not null)
            {
                writer.Complete(bytes);
                if (bytes.WrittenCount > 0)
                {
                    yield return Take(bytes, writer.SampleRate, end);
                }
            }
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static SynthesizeResponse Take(ArrayBufferWriter<byte> bytes, int sampleRate, TimeSpan start)
    {
        SynthesizeResponse response = new() { Audio = ByteString.CopyFrom(bytes.WrittenSpan), SampleRate = sampleRate, Start = start.ToDuration() };
        bytes.ResetWrittenCount();
        return response;
    }

    private static SpeechRequest ToRequest(SynthesizeRequest request) => new()
    {
        Text = request.InputCase switch
        {
            SynthesizeRequest.InputOneofCase.Text => request.Text,
            SynthesizeRequest.InputOneofCase.Ssml => request.Ssml,
            _ => throw new SpeechRequestException("input", "text or ssml is missing"),
        },
        IsSsml = request.InputCase == SynthesizeRequest.InputOneofCase.Ssml,
        Voice = request.Voice.Length > 0 ? request.Voice : null,
        Language = request.Language.Length > 0 ? request.Language : null,
        Rate = request.HasRate ? request.Rate : 1,
        Pitch = request.HasPitch ? request.Pitch : 1,
        Volume = request.HasVolume ? request.Volume : 1,
        Emotion = request.Emotion.Length > 0 ? request.Emotion : null,
    };
}
