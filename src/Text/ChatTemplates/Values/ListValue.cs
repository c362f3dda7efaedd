namespace Inference.Text.ChatTemplates.Values;

internal enum SequenceKind
{
    List,
    Tuple,

    /// <summary>What map, select and their like give: always true, as a Python generator is.</summary>
    Generator,
}

internal sealed class ListValue(List<TemplateValue> items, SequenceKind kind = SequenceKind.List) : TemplateValue
{
    public List<TemplateValue> Items => items;

    public SequenceKind Kind => kind;

    public override string TypeName => kind switch
    {
        SequenceKind.List => "list",
        SequenceKind.Tuple => "tuple",
        _ => "generator",
    };

    public override bool IsTrue => kind == SequenceKind.Generator || items.Count > 0;

    public static ListValue Tuple(params TemplateValue[] items) => new([.. items], SequenceKind.Tuple);
}
