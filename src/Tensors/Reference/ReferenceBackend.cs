namespace Inference.Tensors.Reference;

/// <summary>
/// The plainest loops for every operation, accumulating in double precision: the judge of the other backends.
/// It is slow, and nothing in it is to be made fast.
/// </summary>
public sealed partial class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static float[][] Read(Tensor tensor) => [.. Enumerable.Range(0, tensor.Rows).Select(tensor.ReadRow)];

    private static void Write(Tensor tensor, Func<int, int, double> value)
    {
        for (int row = 0; row < tensor.Rows; row++)
        {
            float[] values = new float[tensor.Columns];
            for (int column = 0; column < values.Length; column++)
            {
                values[column] = (float)value(row, column);
            }

            tensor.WriteRow(row, values);
        }
    }

    private static void Accumulate(Tensor tensor, Func<int, int, double> value)
    {
        float[][] old = Read(tensor);
        Write(tensor, (row, column) => old[row][column] + value(row, column));
    }

    private static double Sum(int count, Func<int, double> term)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += term(i);
        }

        return sum;
    }
}
