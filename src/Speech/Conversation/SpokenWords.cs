namespace Inference.Speech.Conversation;

/// <summary>Words of a transcript without punctuation; each character of Chinese is one.</summary>
internal static class SpokenWords
{
    public static IReadOnlyList<string> Of(string transcript)
    {
        List<string> words = [];
        int start = -1;
        for (int i = 0; i <= transcript.Length; i++)
        {
            char c = i < transcript.Length ? transcript[i] : ' ';
            bool isHan = c is >= '\u3400' and <= '\u9fff';
            bool isInside = !isHan && (char.IsLetterOrDigit(c) || char.IsSurrogate(c)
                || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark || (c is '\'' or '’' or '-' && start >= 0));
            if (isInside && start < 0) start = i;
            if (!isInside && start >= 0)
            {
                words.Add(transcript[start..i].TrimEnd('-', '\'', '’'));
                start = -1;
            }

            if (isHan) words.Add(c.ToString());
        }

        return words;
    }
}
