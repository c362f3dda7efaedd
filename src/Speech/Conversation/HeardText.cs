using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>Finds what a listener heard of a text when its audio stopped: the rest is dropped from the context.</summary>
public static class HeardText
{
    /// <summary>The text up to the first word that was not heard to its end.</summary>
    /// <param name="text">The plain text.</param>
    /// <param name="marks">The marks so far, in order.</param>
    /// <param name="heardSamples">Samples that were played.</param>
    /// <param name="isEnd">Whether these are all of the text's samples.</param>
    public static string Of(string text, IEnumerable<SpeechMark> marks, long heardSamples, bool isEnd = false)
    {
        if (isEnd) return text;
        // The last word that began was heard to its end only when it ends where the audio stopped: that is the next word's mark.
        SpeechMark? begun = null;
        foreach (SpeechMark mark in marks.Where(m => m.Kind == SpeechMarkKind.Word))
        {
            if (mark.Sample >= heardSamples) return mark.Sample == heardSamples ? text[..mark.TextOffset].TrimEnd() : Before(begun);
            begun = mark;
        }

        return Before(begun);

        string Before(SpeechMark? word) => word is null ? "" : text[..word.TextOffset].TrimEnd();
    }
}
