using System.Runtime.CompilerServices;
using Inference.Rpc;
using Inference.Speech.Audio;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Grpc;

/// <summary>Exceptions of speech as gRPC statuses with details.</summary>
internal static class GrpcErrors
{
    /// <summary>Runs a streaming handler.</summary>
    public static async IAsyncEnumerable<T> Guard<T>(IAsyncEnumerable<T> stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using IAsyncEnumerator<T> enumerator = stream.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(enumerator))
        {
            yield return enumerator.Current;
        }
    }

    private static async Task<bool> NextAsync<T>(IAsyncEnumerator<T> enumerator)
    {
        try
        {
            return await enumerator.MoveNextAsync();
        }
        catch (SpeechRequestException exception)
        {
            throw RpcException.InvalidFields((exception.Field, exception.Message));
        }
        catch (AudioFormatException exception)
        {
            throw RpcException.InvalidFields(("audio", exception.Message));
        }
    }
}
