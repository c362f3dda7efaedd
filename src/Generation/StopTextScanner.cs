namespace Inference.Generation;

/// <summary>
/// Finds the stop texts in an answer that comes in pieces. The one that is complete first ends the answer (the longest of
/// those complete at the same character), wherever the pieces are cut. Text that may become a stop text is held back.
/// </summary>
internal sealed class StopTextScanner(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>The stop text found, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>Adds a piece; returns the text that is certain to belong to the answer.</summary>
    public string Push(string piece)
    {
        if (stops.Count == 0 || Found is not null)
            return Found is null ? piece : "";
        string text = _held + piece;
        for (int end = _held.Length + 1; end <= text.Length; end++)
        {
            foreach (string stop in stops)
            {
                if (stop.Length > (Found?.Length ?? 0) && text.AsSpan(0, end).EndsWith(stop))
                    Found = stop;
            }

            if (Found is not null)
            {
                _held = "";
                return text[..(end - Found.Length)];
            }
        }

        int held = HeldLength(text);
        _held = text[^held..];
        return text[..^held];
    }

    /// <summary>What is held back, once nothing more comes.</summary>
    public string Flush()
    {
        string text = _held;
        _held = "";
        return text;
    }

    private int HeldLength(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length)))
                    longest = length;
            }
        }

        return longest;
    }
}
