using Inference.Models.Architectures;

namespace Inference.Models.Weights;

/// <summary>What must hold between the sizes of a VITS model, wherever they were read.</summary>
internal static class VitsConfigCheck
{
    private const int MaxFrameLength = 1 << 14, MaxReach = 1 << 10, MaxTaps = 64, MaxDilation = 512;

    /// <summary>Throws what <paramref name="wrong"/> makes of the first problem.</summary>
    public static void Check(VitsConfig config, Func<string, Exception> wrong)
    {
        VitsVocoderConfig vocoder = config.Vocoder;
        VitsDurationConfig durations = config.Durations;
        string? problem =
            config.HiddenSize % config.Heads != 0 ? $"the width {config.HiddenSize} does not divide into {config.Heads} heads"
            : config.Window is < 0 or > 64 ? $"the window of {config.Window} relative positions is not 0 to 64"
            : config.FlowSize % 2 != 0 ? $"{config.FlowSize} channels of the flow are not an even number"
            : durations.Taps % 2 == 0 || config.WaveNetTaps % 2 == 0 || vocoder.BlockTaps.Any(t => t % 2 == 0) ? "a convolution has an even number of taps"
            : vocoder.BlockTaps.Concat(vocoder.UpsampleTaps).Append(durations.Taps).Append(config.WaveNetTaps).Append(config.FeedForwardTaps).Max() > MaxTaps
                ? $"a convolution has more than {MaxTaps} taps"
            : vocoder.BlockDilations.SelectMany(d => d).Max() > MaxDilation || Math.Pow(config.WaveNetDilation, config.WaveNetLayers - 1) > MaxDilation
                || Math.Pow(durations.Taps, durations.SeparableLayers - 1) > MaxDilation
                ? $"a convolution is dilated by more than {MaxDilation}"
            : durations.Bins > 256 || !(durations.TailBound is > 0 and < 1000) ? $"splines have {durations.Bins} bins up to {durations.TailBound}"
            : !(vocoder.Slope is >= 0 and <= 1) ? $"the slope {vocoder.Slope} is not 0 to 1"
            : vocoder.Rates.Length != vocoder.UpsampleTaps.Length ? $"{vocoder.Rates.Length} upsampling rates have {vocoder.UpsampleTaps.Length} kernels"
            : vocoder.BlockTaps.Length != vocoder.BlockDilations.Length ? $"{vocoder.BlockTaps.Length} residual blocks have {vocoder.BlockDilations.Length} lists of dilations"
            : vocoder.Rates.Zip(vocoder.UpsampleTaps).Any(s => s.Second < s.First || (s.Second - s.First) % 2 != 0)
                ? "an upsampling kernel is not longer than its rate by an even number"
            : vocoder.Channels >> vocoder.Rates.Length < 1 ? $"{vocoder.Channels} channels cannot be halved {vocoder.Rates.Length} times"
            : vocoder.Rates.Aggregate(1L, (product, rate) => product > MaxFrameLength ? product : product * rate) > MaxFrameLength
                ? $"a frame has more than {MaxFrameLength} samples"
            : vocoder.Reach > MaxReach ? $"a frame depends on {vocoder.Reach} others on each side; the limit is {MaxReach}"
            : config.Speakers > 1 && config.SpeakerSize < 1 ? $"{config.Speakers} voices have no embedding"
            : null;
        if (problem is not null)
        {
            throw wrong(problem);
        }
    }
}
