namespace Inference.Speech.VoiceActivity;

/// <summary>One stream's state of <see cref="SileroModel"/>.</summary>
internal sealed class SileroDetector(SileroModel model) : IVoiceActivityDetector
{
    private readonly float[] _window = new float[SileroModel.Context + IVoiceActivityModel.FrameLength];
    private readonly float[] _hidden = new float[SileroModel.Hidden], _cell = new float[SileroModel.Hidden];

    /// <inheritdoc/>
    public float Next(ReadOnlySpan<float> frame)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(frame.Length, IVoiceActivityModel.FrameLength);
        _window.AsSpan(^SileroModel.Context..).CopyTo(_window);
        frame.CopyTo(_window.AsSpan(SileroModel.Context));
        return model.Run(_window, _hidden, _cell);
    }
}
