using System.Globalization;
using System.Text;

namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>Python's escapes in string literals; unknown ones stay as they are, "\N{...}" is refused.</summary>
internal static class StringLiteral
{
    /// <summary>Null where an escape is invalid.</summary>
    public static string? Decode(ReadOnlySpan<char> source)
    {
        if (!source.Contains('\\'))
        {
            return source.ToString();
        }

        StringBuilder text = new(source.Length);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != '\\' || i + 1 >= source.Length)
            {
                text.Append(source[i]);
                continue;
            }

            i++;
            char simple = Simple(source[i]);
            if (simple != '\0')
            {
                text.Append(simple);
            }
            else if (source[i] is >= '0' and <= '7')
            {
                int value = 0;
                int end = Math.Min(i + 3, source.Length);
                for (; i < end && source[i] is >= '0' and <= '7'; i++)
                {
                    value = (value * 8) + source[i] - '0';
                }

                i--;
                text.Append((char)value);
            }
            else if (source[i] is 'x' or 'u' or 'U')
            {
                int digits = source[i] == 'x' ? 2 : source[i] == 'u' ? 4 : 8;
                if (!TryReadHex(source, i + 1, digits, out int code))
                {
                    return null;
                }

                text.Append(code > 0xFFFF ? char.ConvertFromUtf32(code) : ((char)code).ToString());
                i += digits;
            }
            else if (source[i] == 'N')
            {
                return null;
            }
            else if (source[i] != '\n')
            {
                text.Append('\\').Append(source[i]);
            }
        }

        return text.ToString();
    }

    private static char Simple(char escape) => escape switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        '\\' or '\'' or '"' => escape,
        _ => '\0',
    };

    private static bool TryReadHex(ReadOnlySpan<char> source, int start, int digits, out int code)
    {
        code = 0;
        return start + digits <= source.Length
            && int.TryParse(source.Slice(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)
            && code is >= 0 and <= 0x10FFFF;
    }
}
