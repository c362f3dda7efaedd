using Inference.Models;
using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>The layers of a decoder in training.</summary>
/// <param name="Config">Shape and constants.</param>
/// <param name="RotaryStyle">How heads are rotated.</param>
/// <param name="Embedding">The table of tokens.</param>
/// <param name="EmbeddingGradient">The table's gradient; null where it is frozen.</param>
/// <param name="Blocks">The blocks, first to last.</param>
/// <param name="FinalNorm">The norm before the head.</param>
/// <param name="Head">The output projection.</param>
internal sealed record DecoderLayers(
    ModelConfig Config, RotaryStyle RotaryStyle, Embedding Embedding, Tensor? EmbeddingGradient, IReadOnlyList<BlockLayers> Blocks,
    TrainableNorm FinalNorm, TrainableLinear Head);
