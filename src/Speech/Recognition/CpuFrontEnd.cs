using Inference.Tensors.Cpu;

namespace Inference.Speech.Recognition;

/// <summary>The front end with a backend of its own, for one caller at a time: the model's belongs to the engine's thread.</summary>
internal sealed class CpuFrontEnd : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CpuBackend _backend = new(threads: 1);
    private readonly LogMelSpectrogram _spectrogram;

    public CpuFrontEnd(int mels) => _spectrogram = new LogMelSpectrogram(_backend, mels);

    public LogMel Compute(ReadOnlySpan<float> samples)
    {
        lock (_gate)
        {
            return _spectrogram.Compute(samples);
        }
    }

    public void Dispose()
    {
        _spectrogram.Dispose();
        _backend.Dispose();
    }
}
