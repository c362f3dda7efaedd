using System.Globalization;

namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>Python's number literals without exponents on integers: 42, 1_000, 0x1f, 0b101, 0o17, 1.5, 2e3.</summary>
internal static class NumberLiteral
{
    public static (int Length, bool IsFloat) Scan(string source, int start)
    {
        if (source[start] == '0' && start + 2 < source.Length && char.ToLowerInvariant(source[start + 1]) is 'x' or 'b' or 'o')
        {
            int prefixed = Digits(source, start + 2, char.IsAsciiHexDigit);
            if (prefixed > start + 2)
            {
                return (prefixed - start, false);
            }
        }

        int end = Digits(source, start, char.IsAsciiDigit);
        bool isFloat = false;
        if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]) && !IsAttribute(source, start))
        {
            end = Digits(source, end + 1, char.IsAsciiDigit);
            isFloat = true;
        }

        if (end + 1 < source.Length && source[end] is 'e' or 'E')
        {
            int exponent = source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            int exponentEnd = Digits(source, exponent, char.IsAsciiDigit);
            if (exponentEnd > exponent)
            {
                return (exponentEnd - start, true);
            }
        }

        return (end - start, isFloat);
    }

    /// <summary>Null where the digits do not fit the prefix or 128 bits.</summary>
    public static Int128? ParseInteger(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        int radix = digits.Length < 2 ? 10 : digits[1] switch { 'x' => 16, 'b' => 2, 'o' => 8, _ => 10 };
        return ParseInteger(radix == 10 ? digits : digits[2..], radix);
    }

    public static Int128? ParseInteger(string digits, int radix)
    {
        Int128 value = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : char.ToLowerInvariant(c) - 'a' + 10;
            if (digit < 0 || digit >= radix || value > (Int128.MaxValue - digit) / radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return digits.Length == 0 ? null : value;
    }

    public static double ParseFloat(string text) =>
        double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static bool IsAttribute(string source, int start) => start > 0 && source[start - 1] == '.';

    private static int Digits(string source, int position, Func<char, bool> isDigit)
    {
        while (position < source.Length
            && (isDigit(source[position])
                || (source[position] == '_' && position + 1 < source.Length && isDigit(source[position + 1]))))
        {
            position++;
        }

        return position;
    }
}
