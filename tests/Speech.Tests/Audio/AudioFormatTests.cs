using Inference.Speech.Audio;

namespace Inference.Speech.Tests.Audio;

public class AudioFormatTests
{
    [Theory]
    [InlineData(8_000, 1, null)]
    [InlineData(48_000, 8, null)]
    [InlineData(7_999, 1, "7999")]
    [InlineData(48_001, 1, "48001")]
    [InlineData(16_000, 0, "not 0")]
    [InlineData(16_000, 9, "not 9")]
    public void A_fault_names_the_limit_and_the_value(int rate, int channels, string? named)
    {
        string? fault = new AudioFormat(rate, channels).Fault;

        Assert.Equal(named is null, fault is null);
        Assert.Contains(named ?? "", fault ?? "");
    }
}
