namespace Inference.Text.ChatTemplates.Values;

/// <summary>
/// Python's equality and hash of dict keys. <see cref="Evaluation.RenderContext.RequireHashable"/> has bounded the size of
/// a key before it gets here.
/// </summary>
internal sealed class KeyComparer : IEqualityComparer<TemplateValue>
{
    public static KeyComparer Instance { get; } = new();

    public bool Equals(TemplateValue? x, TemplateValue? y) => (x, y) switch
    {
        (StringValue a, StringValue b) => a.Text == b.Text,
        (ListValue a, ListValue b) when a.Kind == b.Kind => a.Items.SequenceEqual(b.Items, this),
        (ListValue, _) or (StringValue, _) => false,
        (not null, not null) when Numbers.IsNumber(x) && Numbers.IsNumber(y) => Numbers.Compare(x, y) == 0,
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode(TemplateValue value)
    {
        switch (value)
        {
            case StringValue text:
                return text.Text.GetHashCode(StringComparison.Ordinal);
            case ListValue tuple:
                HashCode hash = default;
                foreach (TemplateValue item in tuple.Items)
                {
                    hash.Add(GetHashCode(item));
                }

                return hash.ToHashCode();
            case FloatValue { Value: var number } when !double.IsInteger(number) || Math.Abs(number) >= 1e38:
                return HashCode.Combine(number);
            default:
                return Numbers.IsNumber(value) ? HashCode.Combine(Numbers.ToInteger(value)) : HashCode.Combine(value.TypeName);
        }
    }
}
