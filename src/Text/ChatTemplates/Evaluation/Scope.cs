using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Names of one block; what it lacks, the scopes around it may have.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, TemplateValue>? _names;

    public void Set(string name, TemplateValue value) => (_names ??= new(StringComparer.Ordinal))[name] = value;

    public TemplateValue? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._names is not null && scope._names.TryGetValue(name, out TemplateValue? value))
            {
                return value;
            }
        }

        return null;
    }

    private Scope? Parent => parent;
}
