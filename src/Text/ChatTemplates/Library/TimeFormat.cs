using System.Globalization;
using System.Text;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>The conversions of C's strftime in the C locale; "%-" leaves out leading zeros.</summary>
internal static class TimeFormat
{
    public static string Format(RenderContext context, DateTimeOffset time, string format)
    {
        StringBuilder output = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }

            i++;
            bool isTrimmed = format[i] == '-' && i + 1 < format.Length;
            i += isTrimmed ? 1 : 0;
            string text = Convert(context, time, format[i]);
            output.Append(isTrimmed ? text.TrimStart('0', ' ').PadLeft(1, '0') : text);
        }

        return output.ToString();
    }

    private static string Convert(RenderContext context, DateTimeOffset time, char conversion) => conversion switch
    {
        'Y' => Text(time, "yyyy"),
        'y' => Text(time, "yy"),
        'm' => Text(time, "MM"),
        'd' => Text(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'M' => Text(time, "mm"),
        'S' => Text(time, "ss"),
        'f' => Text(time, "ffffff"),
        'p' => Text(time, "tt"),
        'A' => Text(time, "dddd"),
        'a' => Text(time, "ddd"),
        'B' => Text(time, "MMMM"),
        'b' or 'h' => Text(time, "MMM"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'F' => Text(time, "yyyy-MM-dd"),
        'T' => Text(time, "HH:mm:ss"),
        'R' => Text(time, "HH:mm"),
        'D' or 'x' => Text(time, "MM/dd/yy"),
        'X' => Text(time, "HH:mm:ss"),
        'z' => Text(time, "zzz").Replace(":", "", StringComparison.Ordinal),
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => throw context.Error($"strftime_now does not know the conversion '%{conversion}'"),
    };

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
