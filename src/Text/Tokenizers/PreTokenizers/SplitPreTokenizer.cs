using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts each piece at the matches of a scanner. With <paramref name="invert"/> what lies between matches counts as the match.</summary>
internal sealed class SplitPreTokenizer(Scanner scanner, SplitBehavior behavior, bool invert = false) : IPreTokenizer
{
    public void Apply(ref PreTokenizedText text)
    {
        List<(int Start, int Length)> output = new(Math.Max(16, text.Text.Length / 4));
        List<(int Start, int Length)> matches = [];
        List<Part> parts = [];
        foreach ((int start, int length) in text.Pieces)
        {
            ReadOnlySpan<char> piece = text.Text.Slice(start, length);
            matches.Clear();
            parts.Clear();
            scanner.FindAll(piece, matches);
            int end = 0;
            foreach ((int matchStart, int matchLength) in matches)
            {
                Emit(end, matchStart - end, invert);
                Emit(matchStart, matchLength, !invert);
                end = matchStart + matchLength;
            }

            Emit(end, length - end, invert);
            if (behavior != SplitBehavior.Isolated) Combine(parts, start, output);

            void Emit(int at, int count, bool isMatch)
            {
                if (count == 0) return;
                if (behavior == SplitBehavior.Isolated) output.Add((start + at, count));
                else parts.Add(new Part(at, count, isMatch));
            }
        }

        text.Pieces = output;
    }

    private void Combine(List<Part> parts, int offset, List<(int Start, int Length)> output)
    {
        int first = output.Count;
        for (int i = 0; i < parts.Count; i++)
        {
            Part part = parts[i];
            bool joins = i > 0 && behavior switch
            {
                SplitBehavior.MergedWithPrevious => part.IsMatch && !parts[i - 1].IsMatch,
                SplitBehavior.MergedWithNext => !part.IsMatch && parts[i - 1].IsMatch,
                SplitBehavior.Contiguous => part.IsMatch == parts[i - 1].IsMatch,
                _ => false,
            };
            if (behavior == SplitBehavior.Removed && part.IsMatch) continue;
            if (joins && output.Count > first) output[^1] = (output[^1].Start, output[^1].Length + part.Length);
            else output.Add((offset + part.Start, part.Length));
        }
    }

    private readonly record struct Part(int Start, int Length, bool IsMatch);
}
