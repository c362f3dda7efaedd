using System.Buffers;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.Contracts.Riva.Tts;
using Inference.Rpc.Server;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using Microsoft.AspNetCore.Routing;
using RivaEncoding = Inference.Contracts.Riva.AudioEncoding;

namespace Inference.VoiceHost.Grpc;

/// <summary>nvidia.riva.tts.RivaSpeechSynthesis, for clients of Riva. PCM goes out without a header.</summary>
internal sealed class RivaSynthesisService(SynthesizerCatalog synthesizers)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(RivaTtsReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<SynthesizeSpeechRequest, SynthesizeSpeechResponse>("Synthesize", (request, context) => SynthesizeAsync(request, context.CancellationToken))
            .Duplex<SynthesizeSpeechRequest, SynthesizeSpeechResponse>(
                "SynthesizeOnline", (requests, context) => SpeakAllAsync(requests, context.CancellationToken))
            .Unary<RivaSynthesisConfigRequest, RivaSynthesisConfigResponse>("GetRivaSynthesisConfig", (request, _) => Task.FromResult(Describe(request))));

    private RivaSynthesisConfigResponse Describe(RivaSynthesisConfigRequest request)
    {
        RivaSynthesisConfigResponse response = new() { Id = request.Id };
        foreach (ISpeechSynthesizer engine in synthesizers.All.Where(s => request.ModelName.Length == 0 || s.Name == request.ModelName))
        {
            foreach (SpeechVoice voice in engine.Voices)
            {
                RivaSynthesisConfigResponse.Types.Config config = new() { ModelName = engine.Name };
                config.Parameters.Add("language_code", voice.Language);
                config.Parameters.Add("voice_name", voice.Name);
                config.Parameters.Add("subvoices", "");
                config.Parameters.Add("type", "online");
                response.ModelConfig.Add(config);
            }
        }

        return response;
    }

    private async Task<SynthesizeSpeechResponse> SynthesizeAsync(SynthesizeSpeechRequest request, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> audio = new();
        await foreach (SynthesizeSpeechResponse part in SpeakAsync(request, cancellationToken))
        {
            audio.Write(part.Audio.Span);
        }

        return ToResponse(request, audio);
    }

    private async IAsyncEnumerable<SynthesizeSpeechResponse> SpeakAllAsync(
        IAsyncEnumerable<SynthesizeSpeechRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (SynthesizeSpeechRequest request in requests.WithCancellation(cancellationToken))
        {
            await foreach (SynthesizeSpeechResponse response in SpeakAsync(request, cancellationToken))
            {
                yield return response;
            }
        }
    }

    private async IAsyncEnumerable<SynthesizeSpeechResponse> SpeakAsync(
        SynthesizeSpeechRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SpeechRequest speech = new()
        {
            Text = request.Text,
            IsSsml = request.Text.AsSpan().TrimStart().StartsWith("<speak", StringComparison.Ordinal),
            Voice = request.VoiceName.Length > 0 ? request.VoiceName : null,
            Language = request.LanguageCode.Length > 0 ? request.LanguageCode : null,
        };
        AudioOutput output = AudioOutput.Parse(ToOutput(request.Encoding), request.SampleRateHz);
        ArrayBufferWriter<byte> bytes = new();
        AudioWriter? writer = null;
        try
        {
            await foreach (SpeechChunk chunk in synthesizers.Find(speech).SynthesizeAsync(speech, cancellationToken).WithCancellation(cancellationToken))
            {
                writer ??= output.CreateWriter(chunk.SampleRate);
                writer.Write(chunk.Samples.Span, bytes);
                if (bytes.WrittenCount > 0)
                {
                    yield return ToResponse(request, bytes);
                }
            }

            writer?.Complete(bytes);
            if (bytes.WrittenCount > 0)
            {
                yield return ToResponse(request, bytes);
            }
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static SynthesizeSpeechResponse ToResponse(SynthesizeSpeechRequest request, ArrayBufferWriter<byte> bytes)
    {
        SynthesizeSpeechResponse response = new()
        {
            Audio = ByteString.CopyFrom(bytes.WrittenSpan),
            Id = request.Id,
            Meta = new SynthesizeSpeechResponseMetadata { Text = request.Text, ProcessedText = request.Text },
        };
        bytes.ResetWrittenCount();
        return response;
    }

    private static AudioEncoding ToOutput(RivaEncoding encoding) => encoding switch
    {
        RivaEncoding.EncodingUnspecified or RivaEncoding.LinearPcm => AudioEncoding.Pcm16,
        RivaEncoding.Mulaw => AudioEncoding.MuLaw,
        RivaEncoding.Alaw => AudioEncoding.ALaw,
        RivaEncoding.Oggopus => AudioEncoding.OggOpus,
        _ => throw new SpeechRequestException("encoding", $"speech is written as LINEAR_PCM, MULAW, ALAW or OGGOPUS, not {encoding}"),
    };
}
