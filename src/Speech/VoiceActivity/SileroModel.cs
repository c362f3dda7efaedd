using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Speech.VoiceActivity;

/// <summary>
/// Silero's network for 16 kHz (versions 5 and 6, MIT): a short-time Fourier transform as a convolution, four convolutions, an
/// LSTM cell, a logistic output. Products run on one thread of the engine; a frame takes about a tenth of a millisecond, so
/// that streams take turns on one set of activations.
/// </summary>
public sealed class SileroModel : IVoiceActivityModel
{
    /// <summary>Samples of the frame before that each frame begins with.</summary>
    internal const int Context = 64;

    /// <summary>Numbers of the LSTM's state, twice.</summary>
    internal const int Hidden = 128;

    private const int Window = IVoiceActivityModel.FrameLength + Context, Mirrored = 64;
    private const int Kernel = 256, Hop = 128, Steps = (Window + Mirrored - Kernel) / Hop + 1, Bins = (Kernel / 2) + 1;

    private readonly Lock _gate = new();
    private readonly IBackend _backend;
    private readonly SafetensorsFile _file;
    private readonly List<IDisposable> _owned = [];
    private readonly PreparedWeight _transform, _input, _recurrent;
    private readonly SileroConvolution[] _convolutions;
    private readonly Tensor _inputBias, _recurrentBias, _output;
    private readonly float _outputBias;
    private readonly float[] _samples = new float[Window + Mirrored];
    private readonly Tensor _windows, _spectrum, _magnitudes, _state, _gates, _recurrentGates;

    /// <summary>Reads `silero_vad_16k.safetensors`.</summary>
    /// <param name="path">The file.</param>
    /// <param name="backend">What runs it, of one thread; the model owns it.</param>
    /// <exception cref="ModelFormatException">It lacks a tensor, or one has another shape.</exception>
    public SileroModel(string path, IBackend backend)
    {
        _backend = backend;
        _file = SafetensorsFile.Open(path);
        try
        {
            _transform = Prepare("stft_conv.weight", 2 * Bins, Kernel);
            _convolutions =
            [
                Convolution(1, Bins, 128, Steps, 1), Convolution(2, 128, 64, 4, 2), Convolution(3, 64, 64, 2, 2), Convolution(4, 64, Hidden, 1, 1),
            ];
            _input = Prepare("lstm_cell.weight_ih", 4 * Hidden, Hidden);
            _recurrent = Prepare("lstm_cell.weight_hh", 4 * Hidden, Hidden);
            _inputBias = Read("lstm_cell.bias_ih", 1, 4 * Hidden);
            _recurrentBias = Read("lstm_cell.bias_hh", 1, 4 * Hidden);
            _output = Read("final_conv.weight", 1, Hidden);
            _outputBias = Read("final_conv.bias", 1, 1).Span[0];
        }
        catch
        {
            Dispose();
            throw;
        }

        _windows = Own(Tensor.Allocate(Steps, Kernel));
        _spectrum = Own(Tensor.Allocate(Steps, 2 * Bins));
        _magnitudes = Own(Tensor.Allocate(Steps, Bins));
        _state = Own(Tensor.Allocate(1, Hidden));
        _gates = Own(Tensor.Allocate(1, 4 * Hidden));
        _recurrentGates = Own(Tensor.Allocate(1, 4 * Hidden));
    }

    /// <inheritdoc/>
    public string Name => "silero";

    /// <inheritdoc/>
    public IVoiceActivityDetector CreateDetector() => new SileroDetector(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(o => o.Dispose());
        _backend.Dispose();
        _file.Dispose();
    }

    /// <summary>One frame of a stream.</summary>
    /// <param name="window">Context and frame.</param>
    /// <param name="hidden">The LSTM's output, changed in place.</param>
    /// <param name="cell">Its memory, changed in place.</param>
    internal float Run(ReadOnlySpan<float> window, Span<float> hidden, Span<float> cell)
    {
        lock (_gate)
        {
            window.CopyTo(_samples);
            for (int i = 0; i < Mirrored; i++)
            {
                _samples[Window + i] = window[Window - 2 - i];
            }

            for (int step = 0; step < Steps; step++)
            {
                _samples.AsSpan(step * Hop, Kernel).CopyTo(_windows.Row(step));
            }

            _backend.Linear(_windows, _transform, null, _spectrum);
            for (int step = 0; step < Steps; step++)
            {
                ReadOnlySpan<float> spectrum = _spectrum.Row(step);
                Span<float> magnitudes = _magnitudes.Row(step);
                for (int b = 0; b < Bins; b++)
                {
                    magnitudes[b] = MathF.Sqrt((spectrum[b] * spectrum[b]) + (spectrum[Bins + b] * spectrum[Bins + b]));
                }
            }

            Tensor x = _magnitudes;
            foreach (SileroConvolution convolution in _convolutions)
            {
                x = convolution.Run(_backend, x);
            }

            _backend.Linear(x, _input, _inputBias, _gates);
            hidden.CopyTo(_state.Span);
            _backend.Linear(_state, _recurrent, _recurrentBias, _recurrentGates);
            return Step(hidden, cell);
        }
    }

    /// <summary>The LSTM cell (gates: input, forget, cell, output) and the output.</summary>
    private float Step(Span<float> hidden, Span<float> cell)
    {
        ReadOnlySpan<float> a = _gates.Span, b = _recurrentGates.Span, weights = _output.Span;
        float sum = _outputBias;
        for (int i = 0; i < Hidden; i++)
        {
            float input = Sigmoid(a[i] + b[i]), forget = Sigmoid(a[Hidden + i] + b[Hidden + i]);
            float candidate = MathF.Tanh(a[(2 * Hidden) + i] + b[(2 * Hidden) + i]), output = Sigmoid(a[(3 * Hidden) + i] + b[(3 * Hidden) + i]);
            cell[i] = (forget * cell[i]) + (input * candidate);
            hidden[i] = output * MathF.Tanh(cell[i]);
            sum += weights[i] * MathF.Max(0, hidden[i]);
        }

        return Sigmoid(sum);
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private SileroConvolution Convolution(int number, int inputs, int outputs, int steps, int stride) => Own(new SileroConvolution(
        Prepare($"conv{number}.weight", outputs, inputs * SileroConvolution.Kernel), Read($"conv{number}.bias", 1, outputs), inputs, outputs, steps, stride));

    private PreparedWeight Prepare(string name, int rows, int columns) => Own(_backend.Prepare(Read(name, rows, columns)));

    private Tensor Read(string name, int rows, int columns)
    {
        Tensor tensor = _file.Get(name);
        return tensor.Type == DType.F32 && (long)tensor.Rows * tensor.Columns == (long)rows * columns
            ? tensor.Reshape(rows, columns)
            : throw new ModelFormatException(_file.Path, $"tensor '{name}' is {_file.Tensors[name]}; Silero's for 16 kHz has {rows * columns} F32 numbers");
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Insert(0, part);
        return part;
    }
}
