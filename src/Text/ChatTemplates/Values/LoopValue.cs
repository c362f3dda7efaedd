namespace Inference.Text.ChatTemplates.Values;

/// <summary>The variable <c>loop</c>. Loops are never recursive, so the depth is 1.</summary>
internal sealed class LoopValue(IReadOnlyList<TemplateValue> items) : TemplateValue
{
    private TemplateValue? _changed;

    /// <summary>Position in the items, from 0.</summary>
    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public override bool IsTrue => true;

    /// <summary>Null where <c>loop</c> has no such attribute.</summary>
    public TemplateValue? Find(string name) => name switch
    {
        "index" => new IntegerValue(Index + 1),
        "index0" => new IntegerValue(Index),
        "revindex" => new IntegerValue(items.Count - Index),
        "revindex0" => new IntegerValue(items.Count - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Count - 1),
        "length" => new IntegerValue(items.Count),
        "depth" => new IntegerValue(1),
        "depth0" => new IntegerValue(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new UndefinedValue("there is no next item"),
        "cycle" => new CallableValue(name, (context, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw context.Error("loop.cycle needs at least one argument")),
        "changed" => new CallableValue(name, (context, arguments) =>
        {
            ListValue value = new(arguments.Positional, SequenceKind.Tuple);
            bool isChanged = _changed is null || !Comparison.AreEqual(context, _changed, value);
            _changed = value;
            return BooleanValue.Of(isChanged);
        }),
        _ => null,
    };
}
