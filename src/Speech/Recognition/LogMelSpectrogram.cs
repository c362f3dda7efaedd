using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>
/// Whisper's front end: 16 kHz, a frame each 10 ms of 25 ms under a Hann window, power, mel filters, log10, the range of the
/// clip's loudest 80 dB, (x + 4) / 4. The clip is mirrored before its beginning and followed by silence. Transform and filters
/// are products with fixed matrices, so that the backend's kernels do the work.
/// </summary>
public sealed class LogMelSpectrogram : IDisposable
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Samples from a frame to the next.</summary>
    public const int HopLength = 160;

    private const int WindowLength = 400;
    private const int Bins = (WindowLength / 2) + 1;
    private const int FramesAtOnce = 256;
    private const float LeastPower = 1e-10f, Range = 8, Shift = 4;

    private readonly IBackend _backend;
    private readonly Tensor _transform = Transform();
    private readonly Tensor _filters;
    private readonly PreparedWeight _preparedTransform, _preparedFilters;
    private readonly Tensor _windows = Tensor.Allocate(FramesAtOnce, WindowLength);
    private readonly Tensor _spectrum = Tensor.Allocate(FramesAtOnce, 2 * Bins);
    private readonly Tensor _power = Tensor.Allocate(FramesAtOnce, Bins);

    /// <param name="backend">Does the products; must outlive this.</param>
    /// <param name="mels">Number of filters: 80 or 128 for OpenAI's models.</param>
    public LogMelSpectrogram(IBackend backend, int mels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mels, 1);
        _backend = backend;
        _filters = MelFilters.Create(mels, Bins, SampleRate, WindowLength);
        _preparedTransform = backend.Prepare(_transform);
        _preparedFilters = backend.Prepare(_filters);
    }

    /// <summary>The filters, [mels, 201].</summary>
    internal Tensor Filters => _filters;

    /// <summary>
    /// The frames of a clip, [frames, mels], and the value of silence, which fills what follows the clip. A clip of n samples has
    /// n / 160 frames, rounded up, and one or two more that its end reaches into.
    /// </summary>
    /// <param name="samples">Samples of -1 to 1 at 16 kHz; none give no frames.</param>
    public LogMel Compute(ReadOnlySpan<float> samples)
    {
        int count = samples.IsEmpty ? 0 : (samples.Length + (WindowLength / 2) - 1) / HopLength + 1;
        Tensor mel = Tensor.Allocate(count, _filters.Rows);
        for (int first = 0; first < count; first += FramesAtOnce)
        {
            int frames = Math.Min(FramesAtOnce, count - first);
            for (int i = 0; i < frames; i++)
            {
                Window(samples, (first + i) * HopLength, _windows.Row(i));
            }

            Tensor spectrum = _spectrum.Slice(0, frames), power = _power.Slice(0, frames);
            _backend.Linear(_windows.Slice(0, frames), _preparedTransform, null, spectrum);
            for (int i = 0; i < frames; i++)
            {
                Power(spectrum.Row(i), power.Row(i));
            }

            _backend.Linear(power, _preparedFilters, null, mel.Slice(first, frames));
        }

        return new LogMel(mel, Compress(mel.Span));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[_preparedTransform, _preparedFilters, _transform, _filters, _windows, _spectrum, _power])
        {
            part.Dispose();
        }
    }

    /// <summary>The samples around a place, mirrored at 0, zero beyond the end.</summary>
    private static void Window(ReadOnlySpan<float> samples, int center, Span<float> window)
    {
        int start = center - (WindowLength / 2);
        if (start >= 0 && start + WindowLength <= samples.Length)
        {
            samples.Slice(start, WindowLength).CopyTo(window);
            return;
        }

        for (int i = 0; i < WindowLength; i++)
        {
            int at = Math.Abs(start + i);
            window[i] = at < samples.Length ? samples[at] : 0;
        }
    }

    private static void Power(ReadOnlySpan<float> spectrum, Span<float> power)
    {
        for (int b = 0; b < Bins; b++)
        {
            power[b] = (spectrum[b] * spectrum[b]) + (spectrum[Bins + b] * spectrum[Bins + b]);
        }
    }

    /// <summary>Logarithms, clamped and scaled in place; returns what silence becomes.</summary>
    private static float Compress(Span<float> mel)
    {
        float largest = MathF.Log10(LeastPower);
        foreach (ref float value in mel)
        {
            value = MathF.Log10(Math.Max(value, LeastPower));
            largest = Math.Max(largest, value);
        }

        float floor = largest - Range;
        foreach (ref float value in mel)
        {
            value = (Math.Max(value, floor) + Shift) / Shift;
        }

        return (Math.Max(MathF.Log10(LeastPower), floor) + Shift) / Shift;
    }

    /// <summary>Rows of cosines, then of sines, of the bins' frequencies under the periodic Hann window.</summary>
    private static Tensor Transform()
    {
        Tensor transform = Tensor.Allocate(2 * Bins, WindowLength);
        for (int b = 0; b < Bins; b++)
        {
            Span<float> cosines = transform.Row(b), sines = transform.Row(Bins + b);
            for (int i = 0; i < WindowLength; i++)
            {
                double window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / WindowLength));
                double angle = 2 * Math.PI * ((long)b * i % WindowLength) / WindowLength;
                cosines[i] = (float)(window * Math.Cos(angle));
                sines[i] = (float)(window * Math.Sin(angle));
            }
        }

        return transform;
    }
}
