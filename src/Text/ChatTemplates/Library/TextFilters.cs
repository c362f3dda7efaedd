using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Filters that give text.</summary>
internal static class TextFilters
{
    private const string WordBreaks = "-({[<";

    public static void AddTo(Dictionary<string, Func<RenderContext, CallArguments, TemplateValue>> filters)
    {
        filters["upper"] = Map("upper", text => text.ToUpperInvariant());
        filters["lower"] = Map("lower", text => text.ToLowerInvariant());
        filters["capitalize"] = Map("capitalize", StringMethods.Capitalize);
        filters["title"] = Map("title", Title);
        filters["safe"] = (context, arguments) => new StringValue(Soft(context, arguments.Bind(context, "safe", "value").Required(0)).Text, isMarkup: true);
        filters["escape"] = filters["e"] = (context, arguments) => Escape(context, arguments, isForced: false);
        filters["forceescape"] = (context, arguments) => Escape(context, arguments, isForced: true);
        filters["trim"] = Trim;
        filters["replace"] = Replace;
        filters["indent"] = Indent;
        filters["truncate"] = Truncate;
        filters["center"] = Center;
        filters["format"] = Format;
        filters["wordcount"] = CountWords;
    }

    /// <summary>The text of a value; markup stays markup.</summary>
    public static StringValue Soft(RenderContext context, TemplateValue value) =>
        value as StringValue ?? new StringValue(PythonText.Str(context, value));

    private static Func<RenderContext, CallArguments, TemplateValue> Map(string name, Func<string, string> map) => (context, arguments) =>
    {
        StringValue text = Soft(context, arguments.Bind(context, name, "value").Required(0));
        context.ChargeText(text.Text.Length);
        return new StringValue(map(text.Text), text.IsMarkup);
    };

    private static string Title(string text)
    {
        char[] result = text.ToCharArray();
        bool isInWord = false;
        for (int i = 0; i < result.Length; i++)
        {
            bool isBreak = PythonWhitespace.IsSpace(result[i]) || WordBreaks.Contains(result[i]);
            result[i] = isInWord ? char.ToLowerInvariant(result[i]) : char.ToUpperInvariant(result[i]);
            isInWord = !isBreak;
        }

        return new string(result);
    }

    /// <summary>Runs of letters, digits and underscores.</summary>
    private static IntegerValue CountWords(RenderContext context, CallArguments arguments)
    {
        string text = Soft(context, arguments.Bind(context, "wordcount", "value").Required(0)).Text;
        context.ChargeScan(text);
        int count = 0;
        bool isInWord = false;
        foreach (char c in text)
        {
            bool isWord = c == '_' || char.IsLetterOrDigit(c);
            count += isWord && !isInWord ? 1 : 0;
            isInWord = isWord;
        }

        return new IntegerValue(count);
    }

    private static StringValue Escape(RenderContext context, CallArguments arguments, bool isForced)
    {
        StringValue text = Soft(context, arguments.Bind(context, "escape", "value").Required(0));
        return text.IsMarkup && !isForced ? text : new StringValue(Arithmetic.EscapeHtml(context, text.Text), isMarkup: true);
    }

    private static StringValue Trim(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "trim", "value", "chars");
        StringValue text = Soft(context, bound.Required(0));
        string? characters = bound[1] is null or NoneValue ? null : bound.Text(1);
        context.ChargeText(text.Text.Length);
        context.Charge((long)text.Text.Length * (characters?.Length ?? 0) / 1024);
        return new StringValue(StringMethods.Strip(text.Text, characters, start: true, end: true), text.IsMarkup);
    }

    private static StringValue Replace(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "replace", "value", "old", "new", "count");
        string old = PythonText.Str(context, bound.Required(1));
        string replacement = PythonText.Str(context, bound.Required(2));
        int count = bound[3] is null or NoneValue ? -1 : bound.Integer(3);
        return new StringValue(StringMethods.Replace(context, PythonText.Str(context, bound.Required(0)), old, replacement, count));
    }

    private static StringValue Indent(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "indent", "value", "width", "first", "blank");
        if (bound.Required(0) is not StringValue text)
        {
            throw context.Error($"indent needs a string, not {bound[0]!.TypeName}");
        }

        string indent = " ";
        int times = 1;
        if (bound[1] is StringValue given)
        {
            indent = given.Text;
        }
        else
        {
            times = bound.Integer(1, 4);
        }

        indent = ((StringValue)Arithmetic.Apply(context, "*", new StringValue(indent), new IntegerValue(times))).Text;
        TextBuilder output = new(context);
        List<string> lines = Splitting.Lines(context, text.Text + "\n", keepEnds: false);
        for (int i = 0; i < lines.Count; i++)
        {
            bool isIndented = i == 0 ? bound.IsTrue(2) : lines[i].Length > 0 || bound.IsTrue(3);
            output.Append(i > 0 ? "\n" : "").Append(isIndented ? indent : "").Append(lines[i]);
        }

        return new StringValue(output.ToString(), text.IsMarkup);
    }

    private static StringValue Truncate(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "truncate", "value", "length", "killwords", "end", "leeway");
        string text = PythonText.Str(context, bound.Required(0));
        int length = bound.Integer(1, 255);
        string end = bound.Text(3, "...");
        if (length < end.Length)
        {
            throw context.Error($"truncate: the length {length} is below that of the end, {end.Length}");
        }

        context.ChargeText(text.Length);
        CodePoints points = new(text);
        if (points.Length <= (long)length + bound.Integer(4, 5))
        {
            return new StringValue(text);
        }

        string head = points.Slice(0, length - end.Length);
        int lastSpace = head.LastIndexOf(' ');
        return context.Text((bound.IsTrue(2) || lastSpace < 0 ? head : head[..lastSpace]) + end);
    }

    private static StringValue Center(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "center", "value", "width");
        StringValue text = Soft(context, bound.Required(0));
        return new StringValue(StringMethods.Center(context, text.Text, bound.Integer(1, 80), ' '), text.IsMarkup);
    }

    private static StringValue Format(RenderContext context, CallArguments arguments)
    {
        string format = Soft(context, arguments.Positional[0]).Text;
        if (arguments.Named.Count == 0)
        {
            return new StringValue(PrintfFormat.Apply(context, format, new ListValue(arguments.Positional[1..], SequenceKind.Tuple)));
        }

        DictValue named = new();
        arguments.Named.ForEach(pair => named.Set(pair.Name, pair.Value));
        return new StringValue(PrintfFormat.Apply(context, format, named));
    }
}
