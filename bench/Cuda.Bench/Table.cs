namespace Inference.Cuda.Bench;

/// <summary>Rows of the one table.</summary>
internal static class Table
{
    /// <summary>Prints a row.</summary>
    public static void Row(string what, string figure) => Console.WriteLine($"| {what,-48} | {figure} |");
}
