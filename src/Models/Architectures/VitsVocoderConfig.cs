namespace Inference.Models.Architectures;

/// <summary>Shape of the decoder, HiFi-GAN's generator (Kong, Kim, Bae, 2020).</summary>
public sealed record VitsVocoderConfig
{
    /// <summary>Channels before the first stage; each stage halves them.</summary>
    public required int Channels { get; init; }

    /// <summary>By stage, how many rows come of one.</summary>
    public required int[] Rates { get; init; }

    /// <summary>By stage, taps of the transposed convolution: the rate and an even number.</summary>
    public required int[] UpsampleTaps { get; init; }

    /// <summary>Taps of the residual blocks of each stage.</summary>
    public required int[] BlockTaps { get; init; }

    /// <summary>By residual block, the dilations of its convolutions.</summary>
    public required int[][] BlockDilations { get; init; }

    /// <summary>Each dilated convolution is followed by one of dilation 1 ("ResBlock1"); otherwise it stands alone ("ResBlock2").</summary>
    public required bool HasPairs { get; init; }

    /// <summary>Slope of the activations below 0.</summary>
    public float Slope { get; init; } = 0.1f;

    /// <summary>Samples of a latent frame.</summary>
    public int FrameLength => Rates.Aggregate(1, (product, rate) => product * rate);

    /// <summary>Frames on each side that a frame's samples depend on, at most.</summary>
    public int Reach => ReachBefore(0) + (VitsVocoder.EdgeTaps / 2);

    /// <summary>The same in rows of a stage's input; of the stage after the last, rows of the last convolution's input.</summary>
    public int ReachBefore(int stage)
    {
        int rows = VitsVocoder.EdgeTaps / 2;
        for (int i = Rates.Length - 1; i >= stage; i--)
        {
            rows += BlockTaps.Zip(BlockDilations, (taps, dilations) => dilations.Sum(d => taps / 2 * (d + (HasPairs ? 1 : 0)))).Max();
            rows = (rows + UpsampleTaps[i] + Rates[i] - 1) / Rates[i];
        }

        return rows;
    }
}
