namespace Inference.Tensors.Cpu.Panels;

/// <summary>What a worker will probably read after the panel that it multiplies.</summary>
/// <param name="data">The next panel, or the stored rows that it will be packed from: as good as many bytes. Only for hints to the caches.</param>
/// <param name="isCached">The panel that is multiplied is in the caches already, so that all fetching can be for the next one.</param>
internal readonly unsafe struct NextPanel(byte* data, bool isCached)
{
    public readonly byte* Data = data;
    public readonly bool IsCached = isCached;
}
