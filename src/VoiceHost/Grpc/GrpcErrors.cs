using Inference.Rpc;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Grpc;

/// <summary>Exceptions of speech as gRPC statuses with details.</summary>
internal static class GrpcErrors
{
    /// <summary>The status of an exception; null for one that the host does not know.</summary>
    public static RpcException? From(Exception exception) => exception switch
    {
        SpeechRequestException invalid => RpcException.InvalidFields((invalid.Field, invalid.Reason)),
        AudioFormatException => RpcException.InvalidFields(("audio", exception.Message)),
        ArgumentException => RpcException.InvalidFields(("config", exception.Message)),
        _ => null,
    };
}
