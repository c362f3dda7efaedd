using System.Runtime.CompilerServices;

namespace Inference.Speech.Synthesis;

/// <summary>Makes a request's chunks from its parts: counts samples, places marks, inserts silences.</summary>
internal static class SpeechAssembly
{
    private const double ChunkSeconds = 0.05;

    /// <summary>Speaks a request part by part.</summary>
    public static async IAsyncEnumerable<SpeechChunk> SpeakAsync(
        SpeechRequest request, int sampleRate, Func<SpeechPart, CancellationToken, ValueTask<SpokenPart>> speak, [EnumeratorCancellation] CancellationToken cancellation)
    {
        SpeechScript script = request.IsSsml ? SpeechScript.FromSsml(request.Text) : SpeechScript.FromText(request.Text);
        SpeechEmotion emotion = SpeechEmotions.Find(request.Emotion);
        SpeechManner manner = new(request.Rate * emotion.Rate, request.Pitch * emotion.Pitch, request.Volume * emotion.Volume);
        int chunkLength = (int)(sampleRate * ChunkSeconds);
        long position = 0;
        foreach ((IReadOnlyList<SpeechEvent> before, SpeechPart? part) in SpeechPlan.Parts(script, manner))
        {
            cancellation.ThrowIfCancellationRequested();
            List<SpeechMark> marks = [];
            long silence = 0;
            foreach (SpeechEvent happening in before)
            {
                if (happening.MarkName is { } name) marks.Add(new SpeechMark(SpeechMarkKind.Named, happening.Offset, 0, position + silence, name));
                silence += (long)(happening.Pause.TotalSeconds * sampleRate);
            }

            SpokenPart spoken = part is null ? new SpokenPart(default, []) : await speak(part, cancellation);
            if (part is not null) AddMarks(marks, script, part, spoken, position + silence);
            float[] samples = new float[silence + spoken.Samples.Length];
            spoken.Samples.CopyTo(samples.AsMemory((int)silence));
            if (samples.Length == 0 && marks.Count > 0) yield return new SpeechChunk(sampleRate, position, default, marks);
            int mark = 0;
            for (int at = 0; at < samples.Length; at += chunkLength)
            {
                cancellation.ThrowIfCancellationRequested();
                int length = Math.Min(chunkLength, samples.Length - at);
                bool isLast = at + length == samples.Length;
                int first = mark;
                while (mark < marks.Count && (isLast || marks[mark].Sample < position + at + length)) mark++;
                yield return new SpeechChunk(sampleRate, position + at, samples.AsMemory(at, length), marks[first..mark]);
            }

            position += samples.Length;
        }
    }

    /// <summary>Refuses what is out of range.</summary>
    public static void Check(SpeechRequest request)
    {
        if (request.Text.Length > SpeechRequest.MaxTextLength)
            throw new SpeechRequestException("text", $"{request.Text.Length} code units are more than {SpeechRequest.MaxTextLength}");
        CheckFactor("rate", request.Rate, SpeechRequest.MinFactor, SpeechRequest.MaxFactor);
        CheckFactor("pitch", request.Pitch, SpeechRequest.MinFactor, SpeechRequest.MaxFactor);
        CheckFactor("volume", request.Volume, 0, 2);
        SpeechEmotions.Find(request.Emotion);
        if (request.IsSsml) SpeechScript.FromSsml(request.Text);
    }

    private static void CheckFactor(string field, float value, float min, float max)
    {
        if (!(value >= min && value <= max)) throw new SpeechRequestException(field, $"{value} is not in {min} to {max}");
    }

    private static void AddMarks(List<SpeechMark> marks, SpeechScript script, SpeechPart part, SpokenPart spoken, long origin)
    {
        if (part.StartsSentence) marks.Add(new SpeechMark(SpeechMarkKind.Sentence, part.Start, part.SentenceEnd - part.Start, origin));
        Queue<SpeechEvent> named = new(script.Events.Where(e => e.MarkName is not null && e.Offset > part.Start && e.Offset < part.End));
        foreach (SpokenWord word in spoken.Words)
        {
            AddNamed(word.Offset, origin + word.Sample);
            marks.Add(new SpeechMark(SpeechMarkKind.Word, word.Offset, word.Length, origin + word.Sample));
        }

        AddNamed(int.MaxValue, origin + spoken.Samples.Length);

        void AddNamed(int upTo, long sample)
        {
            while (named.TryPeek(out SpeechEvent next) && next.Offset <= upTo)
                marks.Add(new SpeechMark(SpeechMarkKind.Named, named.Dequeue().Offset, 0, sample, next.MarkName));
        }
    }
}
