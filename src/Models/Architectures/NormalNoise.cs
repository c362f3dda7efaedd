namespace Inference.Models.Architectures;

/// <summary>Numbers of the standard normal distribution, from a seed (Box, Muller, 1958).</summary>
internal sealed class NormalNoise(int seed)
{
    private readonly Random _random = new(seed);
    private float? _next;

    public float Next()
    {
        if (_next is { } kept)
        {
            _next = null;
            return kept;
        }

        double radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * _random.NextDouble());
        _next = (float)(radius * sine);
        return (float)(radius * cosine);
    }
}
