using System.Text;
using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Python's methods of str. Positions count code points where the text has characters beyond the basic plane.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<RenderContext, string, CallArguments, TemplateValue>> ByName = new(StringComparer.Ordinal)
    {
        ["upper"] = (context, text, _) => context.Text(text.ToUpperInvariant()),
        ["lower"] = (context, text, _) => context.Text(text.ToLowerInvariant()),
        ["casefold"] = (context, text, _) => context.Text(text.ToLowerInvariant()),
        ["title"] = (context, text, _) => context.Text(Title(text)),
        ["capitalize"] = (context, text, _) => context.Text(Capitalize(text)),
        ["strip"] = (context, text, arguments) => context.Text(Strip(context, "strip", text, arguments, true, true)),
        ["lstrip"] = (context, text, arguments) => context.Text(Strip(context, "lstrip", text, arguments, true, false)),
        ["rstrip"] = (context, text, arguments) => context.Text(Strip(context, "rstrip", text, arguments, false, true)),
        ["removeprefix"] = (context, text, arguments) => arguments.Bind(context, "removeprefix", "prefix").Text(0) is var prefix
            && text.StartsWith(prefix, StringComparison.Ordinal) ? context.Text(text[prefix.Length..]) : new StringValue(text),
        ["removesuffix"] = (context, text, arguments) => arguments.Bind(context, "removesuffix", "suffix").Text(0) is var suffix
            && text.EndsWith(suffix, StringComparison.Ordinal) ? context.Text(text[..^suffix.Length]) : new StringValue(text),
        ["startswith"] = (context, text, arguments) => Affix(context, "startswith", arguments, affix => text.StartsWith(affix, StringComparison.Ordinal)),
        ["endswith"] = (context, text, arguments) => Affix(context, "endswith", arguments, affix => text.EndsWith(affix, StringComparison.Ordinal)),
        ["split"] = (context, text, arguments) => Splitting.Split(context, text, arguments.Bind(context, "split", "sep", "maxsplit"), fromRight: false),
        ["rsplit"] = (context, text, arguments) => Splitting.Split(context, text, arguments.Bind(context, "rsplit", "sep", "maxsplit"), fromRight: true),
        ["splitlines"] = (context, text, arguments) =>
            context.List([.. Splitting.Lines(context, text, arguments.Bind(context, "splitlines", "keepends").IsTrue(0)).Select(line => new StringValue(line))]),
        ["partition"] = (context, text, arguments) => Splitting.Partition(context, text, arguments.Bind(context, "partition", "sep").Text(0), fromRight: false),
        ["rpartition"] = (context, text, arguments) => Splitting.Partition(context, text, arguments.Bind(context, "rpartition", "sep").Text(0), fromRight: true),
        ["replace"] = (context, text, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "replace", "old", "new", "count");
            return new StringValue(Replace(context, text, bound.Text(0), bound.Text(1), bound.Integer(2, -1)));
        },
        ["join"] = (context, text, arguments) => Join(context, text, arguments),
        ["format"] = (context, text, arguments) => new StringValue(BraceFormat.Apply(context, text, arguments)),
        ["find"] = (context, text, arguments) => Position(context, text, Search(context, "find", text, arguments)),
        ["rfind"] = (context, text, arguments) => Position(context, text, Search(context, "rfind", text, arguments)),
        ["index"] = (context, text, arguments) => Search(context, "index", text, arguments) is >= 0 and var index
            ? Position(context, text, index) : throw context.Error("index: the text does not contain the part"),
        ["count"] = (context, text, arguments) =>
        {
            string part = arguments.Bind(context, "count", "part").Text(0);
            context.ChargeSearch(text, part);
            return new IntegerValue(part.Length == 0 ? CodePoints.Count(text) + 1 : Occurrences(text, part));
        },
        ["isdigit"] = (context, text, _) => All(context, text, char.IsDigit),
        ["isdecimal"] = (context, text, _) => All(context, text, char.IsDigit),
        ["isnumeric"] = (context, text, _) => All(context, text, char.IsNumber),
        ["isalpha"] = (context, text, _) => All(context, text, char.IsLetter),
        ["isalnum"] = (context, text, _) => All(context, text, char.IsLetterOrDigit),
        ["isspace"] = (context, text, _) => All(context, text, PythonWhitespace.IsSpace),
        ["isupper"] = (_, text, _) => BooleanValue.Of(IsCased(text, isUpper: true)),
        ["islower"] = (_, text, _) => BooleanValue.Of(IsCased(text, isUpper: false)),
        ["zfill"] = (context, text, arguments) =>
        {
            int signLength = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
            FormatSpec spec = new() { Fill = '0', Align = '>', Width = arguments.Bind(context, "zfill", "width").Integer(0) - signLength };
            return new StringValue(text[..signLength] + spec.Apply(context, new StringValue(text[signLength..])));
        },
        ["ljust"] = (context, text, arguments) => Pad(context, "ljust", '<', text, arguments),
        ["rjust"] = (context, text, arguments) => Pad(context, "rjust", '>', text, arguments),
        ["center"] = (context, text, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "center", "width", "fill");
            return new StringValue(Center(context, text, bound.Integer(0), Fill(context, "center", bound)));
        },
        ["swapcase"] = (context, text, _) => context.Text(string.Concat(
            text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
    };

    public static CallableValue? Find(StringValue value, string name) =>
        ByName.TryGetValue(name, out Func<RenderContext, string, CallArguments, TemplateValue>? method)
            ? new CallableValue(name, (context, arguments) =>
            {
                context.ChargeScan(value.Text);
                return method(context, value.Text, arguments);
            })
            : null;

    public static string Capitalize(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>str.strip and its like; without characters it is white space that goes.</summary>
    public static string Strip(string text, string? characters, bool start, bool end)
    {
        if (characters is null)
        {
            text = start ? PythonWhitespace.TrimStart(text) : text;
            return end ? PythonWhitespace.TrimEnd(text) : text;
        }

        char[] set = [.. characters.Distinct()];
        text = start && set.Length > 0 ? text.TrimStart(set) : text;
        return end && set.Length > 0 ? text.TrimEnd(set) : text;
    }

    /// <summary>Replaces at most <paramref name="count"/> occurrences from the left, all where it is negative.</summary>
    public static string Replace(RenderContext context, string text, string old, string replacement, int count)
    {
        context.ChargeSearch(text, old);
        TextBuilder output = new(context);
        int left = count < 0 ? int.MaxValue : count;
        int position = 0;
        if (old.Length == 0)
        {
            CodePoints points = new(text);
            for (int i = 0; i < points.Length; i++)
            {
                output.Append(left-- > 0 ? replacement : "").Append(points[i]);
            }

            return output.Append(left > 0 ? replacement : "").ToString();
        }

        for (; left > 0; left--)
        {
            int next = text.IndexOf(old, position, StringComparison.Ordinal);
            if (next < 0)
            {
                break;
            }

            context.Charge(1);
            output.Append(text.AsSpan(position, next - position)).Append(replacement);
            position = next + old.Length;
        }

        return output.Append(text.AsSpan(position)).ToString();
    }

    /// <summary>str.center: where the padding is odd, the side that gets more depends on the width.</summary>
    public static string Center(RenderContext context, string text, int width, char fill)
    {
        context.ChargeScan(text);
        int padding = width - CodePoints.Count(text);
        if (padding <= 0)
        {
            return text;
        }

        context.ChargeText(width);
        int left = (padding / 2) + (padding & width & 1);
        return new string(fill, left) + text + new string(fill, padding - left);
    }

    /// <summary>Whether the text has cased letters, all of the one case.</summary>
    public static bool IsCased(string text, bool isUpper) =>
        text.Any(char.IsLetter)
        && text.Any(isUpper ? char.IsUpper : char.IsLower)
        && !text.Any(isUpper ? char.IsLower : char.IsUpper);

    private static string Strip(RenderContext context, string name, string text, CallArguments arguments, bool start, bool end)
    {
        BoundArguments bound = arguments.Bind(context, name, "chars");
        string? characters = bound[0] is null or NoneValue ? null : bound.Text(0);
        context.Charge((long)text.Length * (characters?.Length ?? 0) / 1024);
        return Strip(text, characters, start, end);
    }

    private static string Title(string text)
    {
        StringBuilder output = new(text.Length);
        bool isInWord = false;
        foreach (char c in text)
        {
            output.Append(isInWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            isInWord = char.IsLetter(c);
        }

        return output.ToString();
    }

    private static BooleanValue Affix(RenderContext context, string name, CallArguments arguments, Func<string, bool> matches)
    {
        BoundArguments bound = arguments.Bind(context, name, "affix");
        if (bound[0] is not ListValue { Kind: SequenceKind.Tuple } tuple)
        {
            return BooleanValue.Of(matches(bound.Text(0)));
        }

        return BooleanValue.Of(tuple.Items.Any(item => item is StringValue affix && Matches(affix.Text)));

        bool Matches(string affix)
        {
            context.Charge(1);
            context.ChargeScan(affix);
            return matches(affix);
        }
    }

    private static StringValue Join(RenderContext context, string separator, CallArguments arguments)
    {
        TextBuilder output = new(context);
        bool isFirst = true;
        foreach (TemplateValue item in Iteration.Items(context, arguments.Bind(context, "join", "items").Required(0)))
        {
            output.Append(isFirst ? "" : separator);
            output.Append(item is StringValue text ? text.Text : throw context.Error($"join needs strings, not {item.TypeName}"));
            isFirst = false;
        }

        return new StringValue(output.ToString());
    }

    private static int Search(RenderContext context, string name, string text, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, name, "part", "start", "end");
        string part = bound.Text(0);
        context.ChargeSearch(text, part);
        TemplateValue range = Attributes.Slice(context, new StringValue(text), NoneValue.Instance, bound[2] ?? NoneValue.Instance, NoneValue.Instance);
        string head = ((StringValue)range).Text;
        TemplateValue skipped = Attributes.Slice(context, range, NoneValue.Instance, bound[1] ?? new IntegerValue(0), NoneValue.Instance);
        int start = ((StringValue)skipped).Text.Length;
        int index = name == "rfind"
            ? head[start..].LastIndexOf(part, StringComparison.Ordinal)
            : head.AsSpan(start).IndexOf(part, StringComparison.Ordinal);
        return index < 0 ? -1 : index + start;
    }

    private static IntegerValue Position(RenderContext context, string text, int index)
    {
        context.ChargeScan(text);
        return new IntegerValue(index < 0 ? -1 : CodePoints.Count(text[..index]));
    }

    private static int Occurrences(string text, string part)
    {
        int count = 0;
        for (int i = text.IndexOf(part, StringComparison.Ordinal); i >= 0; i = text.IndexOf(part, i + part.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    private static BooleanValue All(RenderContext context, string text, Func<char, bool> predicate)
    {
        context.ChargeScan(text);
        return BooleanValue.Of(text.Length > 0 && text.All(predicate));
    }

    private static StringValue Pad(RenderContext context, string name, char align, string text, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, name, "width", "fill");
        FormatSpec spec = new() { Fill = Fill(context, name, bound), Align = align, Width = bound.Integer(0) };
        return new StringValue(spec.Apply(context, new StringValue(text)));
    }

    private static char Fill(RenderContext context, string name, BoundArguments bound) =>
        bound.Text(1, " ") is [var fill] ? fill : throw context.Error($"{name}: the fill must be one character");
}
