namespace Inference.Text.ChatTemplates.Values;

/// <summary>A dict in order of insertion. Keys are scalars or tuples of them; 1, 1.0 and true are one key, as in Python.</summary>
internal sealed class DictValue : TemplateValue
{
    private readonly OrderedDictionary<TemplateValue, TemplateValue> _items = new(KeyComparer.Instance);

    public override string TypeName => "dict";

    public override bool IsTrue => _items.Count > 0;

    public int Count => _items.Count;

    public IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Items => _items;

    public IEnumerable<TemplateValue> Keys => _items.Keys;

    public TemplateValue? Find(TemplateValue key) => _items.TryGetValue(key, out TemplateValue? value) ? value : null;

    public TemplateValue? Find(string key) => Find(new StringValue(key));

    public void Set(TemplateValue key, TemplateValue value) => _items[key] = value;

    public void Set(string key, TemplateValue value) => Set(new StringValue(key), value);

    public bool Remove(TemplateValue key) => _items.Remove(key);

    public void Clear() => _items.Clear();
}
