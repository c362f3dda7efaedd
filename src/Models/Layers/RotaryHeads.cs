namespace Inference.Models.Layers;

/// <summary>The two orders of the elements of heads: rotated pairs side by side (GGUF's Llama) or half a head apart (Hugging Face).</summary>
internal static class RotaryHeads
{
    /// <summary>Where element 2i + j of an interleaved head is in a half-split one: i + j * headDimension / 2.</summary>
    public static int HalfSplitIndex(int index, int headDimension)
    {
        int head = index / headDimension, element = index % headDimension;
        return (head * headDimension) + (element % 2 * headDimension / 2) + (element / 2);
    }
}
