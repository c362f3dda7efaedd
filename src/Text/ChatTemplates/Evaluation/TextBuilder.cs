using System.Text;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Text in the making, which charges what is appended and ends at the limit.</summary>
internal sealed class TextBuilder(RenderContext context)
{
    private const int CharactersPerCharge = 64;
    private readonly StringBuilder _text = new();
    private readonly List<(int Start, int End)> _generations = [];
    private int _uncharged;

    /// <summary>Characters so far.</summary>
    public int Length => _text.Length;

    /// <summary>What generation blocks wrote directly into this text, in order.</summary>
    public IReadOnlyList<(int Start, int End)> Generations => _generations;

    public TextBuilder Append(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        _text.Append(text);
        return this;
    }

    public TextBuilder Append(char c, int count = 1)
    {
        Reserve(count);
        _text.Append(c, count);
        return this;
    }

    /// <summary>What was written from <paramref name="start"/> on came from a generation block.</summary>
    public void MarkGeneration(int start) => _generations.Add((start, Length));

    public override string ToString() => _text.ToString();

    private void Reserve(int length)
    {
        long total = (long)_text.Length + length;
        if (total > context.Limits.MaxTextLength)
        {
            throw context.Error($"a text grows past {context.Limits.MaxTextLength} characters");
        }

        _uncharged += length;
        if (_uncharged >= CharactersPerCharge)
        {
            context.ChargeText(_uncharged);
            _uncharged = 0;
        }
    }
}
