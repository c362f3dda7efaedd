namespace Inference.Text.ChatTemplates.Values;

/// <summary>Bool, int and float as one ladder, as in Python.</summary>
internal static class Numbers
{
    public static bool IsNumber(TemplateValue value) => value is BooleanValue or IntegerValue or FloatValue;

    public static bool IsInteger(TemplateValue value) => value is BooleanValue or IntegerValue;

    /// <summary>The value of a bool or int, a float cut towards zero.</summary>
    public static Int128 ToInteger(TemplateValue value) => value switch
    {
        IntegerValue integer => integer.Value,
        FloatValue { Value: var number } => (Int128)number,
        _ => value.IsTrue ? 1 : 0,
    };

    public static double ToDouble(TemplateValue value) => value switch
    {
        IntegerValue integer => (double)integer.Value,
        FloatValue { Value: var number } => number,
        _ => value.IsTrue ? 1 : 0,
    };

    /// <summary>Below, at or above 0; null where one of them is not a number (NaN).</summary>
    public static int? Compare(TemplateValue left, TemplateValue right)
    {
        if (IsInteger(left) && IsInteger(right))
        {
            return ToInteger(left).CompareTo(ToInteger(right));
        }

        double a = ToDouble(left);
        double b = ToDouble(right);
        return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
    }
}
