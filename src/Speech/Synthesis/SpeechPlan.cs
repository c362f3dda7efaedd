namespace Inference.Speech.Synthesis;

/// <summary>A script cut into parts, with the marks and silences before each.</summary>
internal static class SpeechPlan
{
    /// <summary>The parts in order; null stands for a silence or a mark after the last word.</summary>
    /// <param name="script">What to say.</param>
    /// <param name="manner">The request's own, which each run's is multiplied by.</param>
    public static IEnumerable<(IReadOnlyList<SpeechEvent> Before, SpeechPart? Part)> Parts(SpeechScript script, SpeechManner manner)
    {
        int next = 0;
        foreach (Range range in SentenceSplitter.Split(script.Text))
        {
            (int start, int end) = (range.Start.Value, range.End.Value);
            for (int from = start; from < end;)
            {
                // A silence cuts a sentence; a mark within a part finds its word in the audio.
                List<SpeechEvent> before = [];
                while (next < script.Events.Count && script.Events[next].Offset <= from) before.Add(script.Events[next++]);
                int cut = script.Events.Skip(next).Where(e => e.MarkName is null && e.Offset < end).Select(e => e.Offset).DefaultIfEmpty(end).First();
                SpeechRun[] runs = [.. Clip(script.Runs, from, cut, manner)];
                yield return (before, runs.Length == 0 ? null : new SpeechPart(script.Text, runs, from == start, cut == end, end));
                from = cut;
                while (next < script.Events.Count && script.Events[next].Offset < cut) next++;
            }
        }

        if (next < script.Events.Count) yield return ([.. script.Events.Skip(next)], null);
    }

    private static IEnumerable<SpeechRun> Clip(IEnumerable<SpeechRun> runs, int from, int end, SpeechManner manner)
    {
        foreach (SpeechRun run in runs)
        {
            (int first, int last) = (Math.Max(run.Offset, from), Math.Min(run.End, end));
            // What is spoken in place of a run is said once, where the run begins.
            if (first >= last || (first > run.Offset && (run.Manner.Alias ?? run.Manner.Phonemes) is not null)) continue;
            yield return new SpeechRun(first, last - first, run.Manner with
            {
                Rate = run.Manner.Rate * manner.Rate,
                Pitch = run.Manner.Pitch * manner.Pitch,
                Volume = run.Manner.Volume * manner.Volume,
                Ipa = first > run.Offset ? null : run.Manner.Ipa,
            });
        }
    }
}
