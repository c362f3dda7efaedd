using System.Runtime.CompilerServices;
using Inference.Rpc;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Grpc;

/// <summary>Exceptions of speech as gRPC statuses with details.</summary>
internal static class GrpcErrors
{
    /// <summary>Runs a unary handler.</summary>
    public static async Task<T> Guard<T>(Func<Task<T>> handler)
    {
        try
        {
            return await handler();
        }
        catch (SpeechRequestException exception)
        {
            throw RpcException.InvalidFields((exception.Field, exception.Message));
        }
        catch (AudioFormatException exception)
        {
            throw RpcException.InvalidFields(("audio", exception.Message));
        }
        catch (ArgumentException exception)
        {
            throw RpcException.InvalidFields(("config", exception.Message));
        }
    }

    /// <summary>Runs a streaming handler.</summary>
    public static async IAsyncEnumerable<T> Guard<T>(IAsyncEnumerable<T> stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using IAsyncEnumerator<T> enumerator = stream.GetAsyncEnumerator(cancellationToken);
        while (await Guard(async () => await enumerator.MoveNextAsync()))
        {
            yield return enumerator.Current;
        }
    }
}
