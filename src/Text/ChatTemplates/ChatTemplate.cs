using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Library;
using Inference.Text.ChatTemplates.Syntax;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates;

/// <summary>
/// A chat template in Jinja, as models carry it in tokenizer_config.json or in GGUF metadata, rendered as transformers does:
/// trim_blocks and lstrip_blocks on, loop controls, <c>tojson</c> without HTML escapes, <c>generation</c> blocks.
/// Parsed once; rendering is thread-safe, touches no file and calls no .NET member by name.
/// Not here: template inheritance, include, import and recursive loops. Unlike transformers' sandbox, lists and dicts may
/// be changed by <c>append</c>, <c>pop</c> and <c>update</c>, since every rendering has its own copies.
/// </summary>
public sealed class ChatTemplate
{
    private readonly ChatTemplateLimits _limits;
    private readonly Statement[] _body;

    private ChatTemplate(string source, Statement[] body, bool marksGenerations, ChatTemplateLimits limits)
    {
        Source = source;
        _body = body;
        MarksGenerations = marksGenerations;
        _limits = limits;
    }

    /// <summary>The text it was parsed from.</summary>
    public string Source { get; }

    /// <summary>Whether it has generation blocks, which say what the model writes.</summary>
    public bool MarksGenerations { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="ChatTemplateException">The source is no valid template or exceeds a limit.</exception>
    public static ChatTemplate Parse(string source, ChatTemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        limits ??= ChatTemplateLimits.Default;
        if (source.Length > limits.MaxSourceLength)
        {
            throw new ChatTemplateException($"the source has {source.Length} characters, the limit is {limits.MaxSourceLength}", 0);
        }

        TemplateParser parser = new(new Lexer(source).Tokenize());
        return new ChatTemplate(source, parser.Parse(), parser.HasGeneration, limits);
    }

    /// <summary>Renders the prompt.</summary>
    /// <exception cref="ChatTemplateException">The template fails, refuses its input or exceeds a limit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public string Render(ChatTemplateInput input, CancellationToken cancellationToken = default) =>
        RenderMarked(input, cancellationToken).Text;

    /// <summary>Renders the prompt and tells what its generation blocks wrote; blocks within macros and captured texts do not count.</summary>
    /// <exception cref="ChatTemplateException">The template fails, refuses its input or exceeds a limit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ChatRendering RenderMarked(ChatTemplateInput input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        RenderContext context = new(_limits, input.Time, cancellationToken);
        Scope variables = new(Globals.Scope);
        variables.Set("messages", JsonValues.Read(context, input.Messages));
        variables.Set("tools", JsonValues.Read(context, input.Tools));
        variables.Set("documents", NoneValue.Instance);
        variables.Set("add_generation_prompt", BooleanValue.Of(input.AddGenerationPrompt));
        SetText(variables, "bos_token", input.BosToken);
        SetText(variables, "eos_token", input.EosToken);
        if (input.Variables is not null)
        {
            foreach ((TemplateValue name, TemplateValue value) in ((DictValue)JsonValues.Read(context, input.Variables)).Items)
            {
                variables.Set(((StringValue)name).Text, value);
            }
        }

        TextBuilder output = new(context);
        new StatementRenderer(context).Render(_body, new Scope(variables), output);
        return new ChatRendering(output.ToString(), output.Generations);
    }

    private static void SetText(Scope variables, string name, string? text)
    {
        if (text is not null)
        {
            variables.Set(name, new StringValue(text));
        }
    }
}
