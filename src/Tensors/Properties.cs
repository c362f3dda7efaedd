using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Inference.Cuda.Bench")]
[assembly: InternalsVisibleTo("Inference.Cuda.Tests")]
[assembly: InternalsVisibleTo("Inference.Peers.Bench")]
[assembly: InternalsVisibleTo("Inference.Tensors.Bench")]
[assembly: InternalsVisibleTo("Inference.Tensors.Tests")]
[module: SkipLocalsInit]
