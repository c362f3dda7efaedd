namespace Inference.Tensors.Cpu;

/// <summary>Panels of a low-rank change that do not go straight into y: the last one, and all where there are factors.</summary>
internal static unsafe class LowRankEdge
{
    /// <summary>y += sums, or y = offset + factor * (y - offset + sum), for the outputs of a panel that there are.</summary>
    public static void Add(in LowRankProduct product, float* sums, float* y, int firstOutput)
    {
        LowRankWeight w = product.W;
        float* factors = w.Factors is null ? null : (float*)w.Factors.Data, bias = product.Bias is null ? null : (float*)product.Bias.Data;
        int width = Math.Min(LowRankWeight.PanelOutputs, w.Outputs - firstOutput);
        for (int i = 0; i < width; i++)
        {
            float offset = factors is null || bias is null ? 0 : bias[firstOutput + i];
            y[i] = factors is null ? y[i] + sums[i] : (factors[firstOutput + i] * (y[i] - offset + sums[i])) + offset;
        }
    }
}
