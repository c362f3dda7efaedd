namespace Inference.Speech.Recognition;

/// <summary>The tokens of a window as segments of a transcript (OpenAI's transcribe.py).</summary>
internal static class TranscriptSegments
{
    private const double FrameSeconds = 0.01, TimestampSeconds = 0.02;

    /// <summary>
    /// Adds the segments of a window and returns the frames to go on: to the last pair of timestamps where the window ends
    /// within a segment, else all of it. A window of silence adds none.
    /// </summary>
    /// <param name="segments">Receives them.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="result">The window.</param>
    /// <param name="seek">The window's first frame in the clip.</param>
    /// <param name="frames">The window's frames.</param>
    public static int Add(List<TranscriptSegment> segments, WhisperVocabulary vocabulary, WindowResult result, int seek, int frames)
    {
        if (result.IsSilence)
        {
            return frames;
        }

        IReadOnlyList<int> tokens = result.Tokens;
        double offset = seek * FrameSeconds;
        bool endsAlone = tokens.Count >= 2 && !vocabulary.IsTimestamp(tokens[^2]) && vocabulary.IsTimestamp(tokens[^1]);
        List<int> cuts = [.. Enumerable.Range(1, Math.Max(0, tokens.Count - 1)).Where(i => vocabulary.IsTimestamp(tokens[i - 1]) && vocabulary.IsTimestamp(tokens[i]))];
        int advance = frames;
        List<(double Start, double End, IReadOnlyList<int> Tokens)> pieces = [];
        if (cuts.Count > 0)
        {
            if (endsAlone)
            {
                cuts.Add(tokens.Count);
            }

            int first = 0;
            foreach (int cut in cuts)
            {
                IReadOnlyList<int> slice = [.. tokens.Skip(first).Take(cut - first)];
                pieces.Add((offset + Time(vocabulary, slice[0]), offset + Time(vocabulary, slice[^1]), slice));
                first = cut;
            }

            if (!endsAlone)
            {
                advance = (int)Math.Round(Time(vocabulary, tokens[first - 1]) / FrameSeconds);
            }
        }
        else
        {
            double end = frames * FrameSeconds;
            int last = tokens.LastOrDefault(vocabulary.IsTimestamp, -1);
            if (last >= 0 && last != vocabulary.FirstTimestamp)
            {
                end = Time(vocabulary, last);
            }

            pieces.Add((offset, offset + end, tokens));
        }

        int word = 0;
        foreach ((double start, double end, IReadOnlyList<int> piece) in pieces)
        {
            int[] text = [.. piece.Where(vocabulary.IsText)];
            string spelled = vocabulary.Decode(text);
            if (spelled.Trim().Length == 0 || start >= end)
            {
                continue;
            }

            int count = WordAligner.Split(vocabulary, "", text).Count(w => w.Text.Trim().Length > 0);
            RecognizedWord[] words =
            [
                .. result.Words.Skip(word).Take(count)
                    .Select(w => w with { Start = w.Start + TimeSpan.FromSeconds(offset), End = w.End + TimeSpan.FromSeconds(offset) }),
            ];
            word += count;
            segments.Add(new TranscriptSegment(
                TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), spelled, text, words,
                result.Temperature, result.MeanLogProbability, result.CompressionRatio, result.NoSpeechProbability));
        }

        return advance;
    }

    private static double Time(WhisperVocabulary vocabulary, int token) =>
        vocabulary.FirstTimestamp is int first && token >= first ? (token - first) * TimestampSeconds : 0;
}
