namespace Inference.Speech.Recognition;

/// <summary>
/// LocalAgreement-2 (Liu et al., 2020; Macháček et al., 2023): words on which two passes over growing audio agree are committed and
/// never change again.
/// </summary>
internal sealed class LocalAgreement
{
    private string[] _last = [];

    /// <summary>The words committed so far.</summary>
    public List<string> Committed { get; } = [];

    /// <summary>
    /// Takes the words of a pass over all of the utterance, commits those that it has in common with the pass before, and returns
    /// all words: the committed ones, then this pass's others.
    /// </summary>
    public string[] Add(IReadOnlyList<string> words)
    {
        string[] rest = Beyond(words);
        int agreed = 0;
        while (agreed < Math.Min(rest.Length, _last.Length) && AreEqual(rest[agreed], _last[agreed]))
        {
            agreed++;
        }

        Committed.AddRange(rest[..agreed]);
        _last = rest[agreed..];
        return [.. Committed, .. _last];
    }

    /// <summary>Commits all words of the last pass, and returns all.</summary>
    public string[] Finish(IReadOnlyList<string> words)
    {
        Committed.AddRange(Beyond(words));
        _last = [];
        return [.. Committed];
    }

    /// <summary>The words after the committed ones: those have as many places at the beginning of a pass, equal or not.</summary>
    private string[] Beyond(IReadOnlyList<string> words) => [.. words.Skip(Committed.Count)];

    private static bool AreEqual(string a, string b) => string.Equals(Bare(a), Bare(b), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string word) => word.Trim('.', ',', '?', '!', ';', ':', '"', '\'', '-');
}
