using System.Globalization;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's <c>json.dumps</c>, as transformers' <c>tojson</c> calls it: no HTML escapes, text beyond ASCII as it is.</summary>
internal sealed class JsonWriter(RenderContext context, bool ensureAscii, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly TextBuilder _output = new(context);

    public string Write(TemplateValue value)
    {
        Write(value, 0);
        return _output.ToString();
    }

    private void Write(TemplateValue value, int level)
    {
        context.Enter();
        switch (value)
        {
            case StringValue text:
                WriteText(text.Text);
                break;
            case ListValue { Kind: not SequenceKind.Generator } list:
                WriteItems('[', ']', list.Items, level, item => Write(item, level + 1));
                break;
            case DictValue dict:
                WriteItems('{', '}', Order(dict), level, item =>
                {
                    WriteText(Key(item.Key));
                    _output.Append(keySeparator);
                    Write(item.Value, level + 1);
                });
                break;
            case NoneValue or BooleanValue or IntegerValue or FloatValue:
                _output.Append(Scalar(value));
                break;
            case UndefinedValue undefined:
                throw context.Error($"tojson: {undefined.Reason}");
            default:
                throw context.Error($"tojson: a value of type {value.TypeName} cannot be written as JSON");
        }

        context.Leave();
    }

    private void WriteItems<T>(char open, char close, IReadOnlyCollection<T> items, int level, Action<T> write)
    {
        _output.Append(open);
        bool isFirst = true;
        foreach (T item in items)
        {
            _output.Append(isFirst ? "" : itemSeparator);
            isFirst = false;
            WriteNewLine(level + 1);
            write(item);
        }

        if (!isFirst)
        {
            WriteNewLine(level);
        }

        _output.Append(close);
    }

    private void WriteNewLine(int level)
    {
        if (indent is not null)
        {
            _output.Append('\n');
            for (int i = 0; i < level; i++)
            {
                _output.Append(indent);
            }
        }
    }

    private List<KeyValuePair<TemplateValue, TemplateValue>> Order(DictValue dict)
    {
        List<KeyValuePair<TemplateValue, TemplateValue>> items = [.. dict.Items];
        return sortKeys ? Sorting.Sort(context, items, item => item.Key, isDescending: false) : items;
    }

    private string Key(TemplateValue key) => key switch
    {
        StringValue text => text.Text,
        NoneValue or BooleanValue or IntegerValue or FloatValue => Scalar(key),
        _ => throw context.Error($"tojson: a key of type {key.TypeName} cannot be written as JSON"),
    };

    private string Scalar(TemplateValue value) => value switch
    {
        NoneValue => "null",
        BooleanValue => value.IsTrue ? "true" : "false",
        FloatValue { Value: var number } when !double.IsFinite(number) =>
            double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        _ => PythonText.Repr(context, value),
    };

    private void WriteText(string text)
    {
        _output.Append('"');
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            string? escape = Escape(text[i]);
            if (escape is not null)
            {
                _output.Append(text.AsSpan(start, i - start)).Append(escape);
                start = i + 1;
            }
        }

        _output.Append(text.AsSpan(start)).Append('"');
    }

    private string? Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
        > '~' when ensureAscii => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
        _ => null,
    };
}
