using System.Security.Cryptography;
using Inference.Rpc;

namespace Inference.ClientLib.Connections;

/// <summary>How long to wait before a failed call is tried again, if at all.</summary>
internal sealed class Backoff(RetryOptions options)
{
    private readonly Random _jitter = new(options.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>Null: not again.</summary>
    /// <param name="failure">Of the last try.</param>
    /// <param name="attempt">Number of tries so far.</param>
    /// <param name="isRepeatable">Whether doing it twice does no harm; else only what never reached the server is tried again.</param>
    /// <param name="hasUntriedServer">Whether the next try goes to an address that this call has not tried: no need to wait then.</param>
    public TimeSpan? Delay(RpcException failure, int attempt, bool isRepeatable, bool hasUntriedServer)
    {
        bool isTransient = failure.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted;
        if (!isTransient || attempt >= options.MaxAttempts || !(isRepeatable || failure.RequestNotSent))
        {
            return null;
        }

        double half = 0.5 * NextRandom();
        if (failure.RetryDelay is { } asked)
        {
            return asked > options.MaxDelay ? null : asked + (options.BaseDelay * half);
        }

        if (hasUntriedServer && failure.StatusCode == StatusCode.Unavailable)
        {
            return TimeSpan.Zero;
        }

        TimeSpan doubled = options.BaseDelay * Math.Pow(2, attempt - 1);
        return (doubled < options.MaxDelay ? doubled : options.MaxDelay) * (1 - half);
    }

    private double NextRandom()
    {
        lock (_jitter)
        {
            return _jitter.NextDouble();
        }
    }
}
