namespace Inference.Tensors.Cpu.Panels;

/// <summary>A prepared weight of the CPU: each part in panels, where its format has a kernel for them.</summary>
internal sealed class PanelWeight : PreparedWeight
{
    public PanelWeight(ReadOnlySpan<Tensor> parts, PanelFormats formats)
        : base(parts)
    {
        Formats = formats;
        Panels = [.. Parts.Select(part => formats.For(part.Type) is { } format ? new PanelMatrix(part, format) : null)];
    }

    /// <summary>What chose the kernels: that of the backend that made this.</summary>
    public PanelFormats Formats { get; }

    /// <summary>By part; null where the part is multiplied as it is stored.</summary>
    public PanelMatrix?[] Panels { get; }

    public override void Dispose()
    {
        foreach (PanelMatrix? panels in Panels)
        {
            panels?.Dispose();
        }

        base.Dispose();
    }
}
