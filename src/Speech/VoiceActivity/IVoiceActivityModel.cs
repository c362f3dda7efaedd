namespace Inference.Speech.VoiceActivity;

/// <summary>Tells speech from other sounds. One model serves many streams at once, each with a detector of its own.</summary>
public interface IVoiceActivityModel : IDisposable
{
    /// <summary>The samples a second that detectors take.</summary>
    const int SampleRate = 16_000;

    /// <summary>The samples of a frame: 32 ms.</summary>
    const int FrameLength = 512;

    /// <summary>The model's name, as logs give it.</summary>
    string Name { get; }

    /// <summary>A detector at the beginning of a stream.</summary>
    IVoiceActivityDetector CreateDetector();
}
