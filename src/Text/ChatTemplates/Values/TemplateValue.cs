namespace Inference.Text.ChatTemplates.Values;

/// <summary>A value of a template: the closed set of types in this folder, with Python's meanings.</summary>
internal abstract class TemplateValue
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Python's truth.</summary>
    public abstract bool IsTrue { get; }
}

/// <summary>What a missing name or attribute gives: false, empty when printed or looped over, an error in any other use.</summary>
internal sealed class UndefinedValue(string reason) : TemplateValue
{
    /// <summary>What to say when it is used, e.g. "'x' is undefined".</summary>
    public string Reason => reason;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;
}

internal sealed class NoneValue : TemplateValue
{
    private NoneValue()
    {
    }

    public static NoneValue Instance { get; } = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

internal sealed class BooleanValue : TemplateValue
{
    private readonly bool _value;

    private BooleanValue(bool value) => _value = value;

    public static BooleanValue True { get; } = new(true);

    public static BooleanValue False { get; } = new(false);

    public override string TypeName => "bool";

    public override bool IsTrue => _value;

    public static BooleanValue Of(bool value) => value ? True : False;
}

/// <summary>An integer of 128 bits; what does not fit is an error, not a wrap.</summary>
internal sealed class IntegerValue(Int128 value) : TemplateValue
{
    public Int128 Value => value;

    public override string TypeName => "int";

    public override bool IsTrue => value != 0;
}

internal sealed class FloatValue(double value) : TemplateValue
{
    public double Value => value;

    public override string TypeName => "float";

    public override bool IsTrue => value != 0;
}

/// <summary>Text; "markup" once <c>safe</c> or <c>escape</c> made it, which escapes what is added to it.</summary>
internal sealed class StringValue(string text, bool isMarkup = false) : TemplateValue
{
    public static StringValue Empty { get; } = new("");

    public string Text => text;

    public bool IsMarkup => isMarkup;

    public override string TypeName => "str";

    public override bool IsTrue => text.Length > 0;
}

/// <summary>The object of <c>namespace(...)</c>, whose attributes <c>set</c> may change from inner scopes.</summary>
internal sealed class NamespaceValue : TemplateValue
{
    public Dictionary<string, TemplateValue> Attributes { get; } = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override bool IsTrue => true;
}
