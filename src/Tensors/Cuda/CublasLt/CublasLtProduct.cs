using Inference.Tensors.Cuda.Driver;

namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>
/// Products y = x wᵀ of one shape: x [rows, in], w [out, in], y [rows, out], row-major, all of one type, sums in F32. The algorithm is
/// chosen once, among those that do not split the sums of an element over blocks: the same shape gives the same bits each time.
/// </summary>
internal sealed unsafe class CublasLtProduct : IDisposable
{
    private const int ComputeF32 = 68, TransposeA = 3, Transposed = 1, MaximumWorkspace = 1, ReductionSchemes = 3, NoReduction = 0, NotSupported = 15;

    private readonly CublasLtApi _api;
    private readonly CublasLtHandle _library, _descriptor;
    private readonly CublasLtHandle _weight, _input, _output;
    private readonly HeuristicResult _chosen;

    /// <summary>Chooses an algorithm. The device's context must be current.</summary>
    /// <param name="api">The library.</param>
    /// <param name="library">Its handle in the current context: see <see cref="CreateLibrary"/>.</param>
    /// <param name="type">Type of all three matrices.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of w.</param>
    /// <param name="inputs">Columns of both.</param>
    /// <param name="workspaceBytes">Bytes of device memory that the algorithm may use.</param>
    /// <exception cref="CublasLtException">A call fails, or no algorithm fits.</exception>
    public CublasLtProduct(CublasLtApi api, CublasLtHandle library, MatrixType type, int rows, int outputs, int inputs, long workspaceBytes)
    {
        _api = api;
        _library = library;
        nint descriptor = 0;
        api.Check("cublasLtMatmulDescCreate", api.DescriptorCreate(&descriptor, ComputeF32, (int)MatrixType.F32));
        _descriptor = new CublasLtHandle(descriptor, api.DescriptorDestroy);
        int transposed = Transposed;
        api.Check("cublasLtMatmulDescSetAttribute", api.DescriptorSet(descriptor, TransposeA, &transposed, sizeof(int)));

        // The library's matrices are column-major. In its eyes w is [in, out] and x [in, rows], and y, [out, rows], is wᵀ x.
        _weight = Layout(type, inputs, outputs);
        _input = Layout(type, inputs, rows);
        _output = Layout(type, outputs, rows);

        nint made = 0;
        api.Check("cublasLtMatmulPreferenceCreate", api.PreferenceCreate(&made));
        using CublasLtHandle preference = new(made, api.PreferenceDestroy);
        ulong bytes = (ulong)workspaceBytes;
        api.Check("cublasLtMatmulPreferenceSetAttribute", api.PreferenceSet(made, MaximumWorkspace, &bytes, sizeof(ulong)));
        uint schemes = NoReduction;
        api.Check("cublasLtMatmulPreferenceSetAttribute", api.PreferenceSet(made, ReductionSchemes, &schemes, sizeof(uint)));

        HeuristicResult result = default;
        int found = 0;
        string shape = $"{type} [{rows}, {inputs}] x [{outputs}, {inputs}]ᵀ, {workspaceBytes:N0} bytes of workspace";
        api.Check(
            "cublasLtMatmulAlgoGetHeuristic",
            api.GetHeuristic(library.Raw, descriptor, _weight.Raw, _input.Raw, _output.Raw, _output.Raw, made, 1, &result, &found), shape);
        api.Check("cublasLtMatmulAlgoGetHeuristic", found == 0 ? NotSupported : result.State, shape);
        _chosen = result;
    }

    /// <summary>Bytes of workspace that <see cref="Run"/> needs.</summary>
    public long WorkspaceBytes => (long)_chosen.WorkspaceBytes;

    /// <summary>A handle of the library in the current context; one for all products.</summary>
    public static CublasLtHandle CreateLibrary(CublasLtApi api)
    {
        nint library = 0;
        api.Check("cublasLtCreate", api.Create(&library));
        return new CublasLtHandle(library, api.Destroy);
    }

    /// <summary>Gives the product to a stream: y = x wᵀ.</summary>
    public void Run(DeviceBuffer x, DeviceBuffer w, DeviceBuffer y, DeviceBuffer? workspace, CudaStream stream)
    {
        if (WorkspaceBytes > (workspace?.Length ?? 0))
        {
            throw new ArgumentException($"{WorkspaceBytes:N0} bytes are needed, not {workspace?.Length ?? 0:N0}", nameof(workspace));
        }

        float one = 1, zero = 0;
        HeuristicResult chosen = _chosen;
        _api.Check("cublasLtMatmul", _api.Multiply(
            _library.Raw, _descriptor.Raw, &one, w.Raw, _weight.Raw, x.Raw, _input.Raw, &zero, y.Raw, _output.Raw, y.Raw, _output.Raw,
            chosen.Algorithm, workspace?.Raw ?? 0, (nuint)(workspace?.Length ?? 0), stream.Raw));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _descriptor.Dispose();
        _weight.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    private CublasLtHandle Layout(MatrixType type, int rows, int columns)
    {
        nint layout = 0;
        _api.Check("cublasLtMatrixLayoutCreate", _api.LayoutCreate(&layout, (int)type, (ulong)rows, (ulong)columns, rows));
        return new CublasLtHandle(layout, _api.LayoutDestroy);
    }
}
