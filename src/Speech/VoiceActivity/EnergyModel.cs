namespace Inference.Speech.VoiceActivity;

/// <summary>
/// Rules that need no weights: speech is louder than the noise so far, voiced (its autocorrelation has a peak between 70 and
/// 400 Hz), and spread over several partials, unlike a tone. It is fooled by music and by other voices more easily than a
/// trained network.
/// </summary>
public sealed class EnergyModel : IVoiceActivityModel
{
    /// <inheritdoc/>
    public string Name => "energy";

    /// <inheritdoc/>
    public IVoiceActivityDetector CreateDetector() => new EnergyDetector();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
