namespace Inference.DemoModel.Corpus;

/// <summary>
/// Sums and differences as a tutor writes them: "37 + 48 = 37 + 40 + 8 = 77 + 8 = 85". Each step is small enough for a small
/// model to learn from few examples; with an operand below 10 or whole tens there is one step.
/// </summary>
internal static class Steps
{
    /// <summary>The chain of equations of a + b.</summary>
    public static string Sum(int a, int b) => Chain(a, '+', b, 1);

    /// <summary>The chain of equations of a - b.</summary>
    public static string Difference(int a, int b) => Chain(a, '-', b, -1);

    private static string Chain(int a, char sign, int b, int direction)
    {
        int tens = b / 10 * 10, ones = b % 10, result = a + (direction * b);
        return tens == 0 || ones == 0 || a < 10 || result < 0
            ? $"{a} {sign} {b} = {result}"
            : $"{a} {sign} {b} = {a} {sign} {tens} {sign} {ones} = {a + (direction * tens)} {sign} {ones} = {result}";
    }
}
