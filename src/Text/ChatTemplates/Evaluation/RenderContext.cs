using System.Runtime.CompilerServices;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>
/// One rendering's limits: every statement, expression and library function charges its work here. Also knows the line
/// that runs, for messages.
/// </summary>
internal sealed class RenderContext(ChatTemplateLimits limits, TimeProvider time, CancellationToken cancellationToken)
{
    /// <summary>For each small text that is made, besides its length.</summary>
    public const int StepsPerText = 4;

    private const int StepsPerList = 8;
    private const int CharactersScannedPerStep = 8;
    private const int StepsBetweenChecks = 4096;
    private const int CharactersPerStep = 4;
    private const int MaxKeyItems = 64;
    private long _steps;
    private long _nextCheck = 1;
    private int _depth;

    public ChatTemplateLimits Limits => limits;

    public TimeProvider Time => time;

    /// <summary>Line of the statement or expression that runs.</summary>
    public int Line { get; set; }

    /// <summary>Adds to the work done.</summary>
    public void Charge(long steps)
    {
        _steps += steps;
        if (_steps >= _nextCheck)
        {
            Check();
        }
    }

    /// <summary>Charges the making of a text and checks its length.</summary>
    public void ChargeText(long length)
    {
        if (length > limits.MaxTextLength)
        {
            throw Error($"a text would have {length} characters, the limit is {limits.MaxTextLength}");
        }

        Charge(length / CharactersPerStep);
    }

    /// <summary>Charges the search for one text in another, which is quadratic at worst.</summary>
    public void ChargeSearch(string text, string pattern) =>
        Charge((text.Length / CharactersScannedPerStep) + ((long)text.Length * pattern.Length / 1024));

    /// <summary>Charges reading a text from end to end.</summary>
    public void ChargeScan(string text) => Charge(text.Length / CharactersScannedPerStep);

    /// <summary>Charges and wraps a new text.</summary>
    public StringValue Text(string text)
    {
        ChargeText(text.Length);
        return new StringValue(text);
    }

    /// <summary>Charges and wraps a new list.</summary>
    public ListValue List(List<TemplateValue> items, SequenceKind kind = SequenceKind.List)
    {
        Charge(StepsPerList + items.Count);
        return new ListValue(items, kind);
    }

    /// <summary>One level deeper, and one step.</summary>
    public void Enter()
    {
        Charge(1);
        if (_depth >= limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Error($"nested or recursive deeper than {Math.Min(_depth, limits.MaxDepth)} levels");
        }

        _depth++;
    }

    public void Leave() => _depth--;

    /// <summary>Refuses keys that Python cannot hash, and tuples too large to be sensible keys.</summary>
    public TemplateValue RequireHashable(TemplateValue key)
    {
        int items = 0;
        Visit(key);
        return key;

        void Visit(TemplateValue value)
        {
            if (++items > MaxKeyItems)
            {
                throw Error($"a dict key has more than {MaxKeyItems} items");
            }

            if (value is DictValue or ListValue { Kind: not SequenceKind.Tuple })
            {
                throw Error($"unhashable type: '{value.TypeName}'");
            }

            if (value is StringValue text)
            {
                ChargeScan(text.Text);
            }
            else if (value is ListValue tuple)
            {
                tuple.Items.ForEach(Visit);
            }
        }
    }

    public ChatTemplateException Error(string reason) => new(reason, Line);

    private void Check()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_steps > limits.MaxSteps)
        {
            throw Error($"the template takes more than {limits.MaxSteps} steps");
        }

        _nextCheck = Math.Min(_steps + StepsBetweenChecks, limits.MaxSteps + 1);
    }
}
