namespace Inference.Speech.VoiceActivity;

/// <summary>Follows one stream. Not thread-safe.</summary>
public interface IVoiceActivityDetector
{
    /// <summary>The probability that somebody speaks in this frame, 0 to 1, given the frames before it.</summary>
    /// <param name="frame"><see cref="IVoiceActivityModel.FrameLength"/> samples of -1 to 1 at 16 kHz, mono.</param>
    float Next(ReadOnlySpan<float> frame);
}
