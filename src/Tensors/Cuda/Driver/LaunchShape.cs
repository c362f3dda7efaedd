namespace Inference.Tensors.Cuda.Driver;

/// <summary>Blocks of a grid and threads of a block.</summary>
/// <param name="GridX">Blocks, fastest first.</param>
/// <param name="GridY">Blocks, at most 65,535.</param>
/// <param name="GridZ">Blocks, at most 65,535.</param>
/// <param name="BlockX">Threads, fastest first; at most 1,024 in all.</param>
/// <param name="BlockY">Threads.</param>
/// <param name="SharedBytes">Dynamic shared memory; above 48 KiB the kernel must allow it first.</param>
internal readonly record struct LaunchShape(uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY = 1, uint SharedBytes = 0);
