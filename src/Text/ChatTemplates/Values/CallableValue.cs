using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>A global function, a method bound to its value, or a macro.</summary>
internal sealed class CallableValue(string name, Func<RenderContext, CallArguments, TemplateValue> body) : TemplateValue
{
    public string Name => name;

    public override string TypeName => "function";

    public override bool IsTrue => true;

    public TemplateValue Call(RenderContext context, CallArguments arguments) => body(context, arguments);
}
