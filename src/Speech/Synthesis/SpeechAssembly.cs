using System.Runtime.CompilerServices;

namespace Inference.Speech.Synthesis;

/// <summary>Makes a request's chunks from its parts: counts samples, places marks, inserts silences.</summary>
internal static class SpeechAssembly
{
    private const double ChunkSeconds = 0.05;

    /// <summary>Speaks a request part by part, each of them piece by piece; a piece's words count samples from the part's beginning.</summary>
    public static async IAsyncEnumerable<SpeechChunk> SpeakAsync(
        SpeechRequest request, int sampleRate, Func<SpeechPart, CancellationToken, IAsyncEnumerable<SpokenPart>> speak, [EnumeratorCancellation] CancellationToken cancellation)
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

            long origin = position + silence;
            Queue<SpeechEvent> named = new(part is null ? [] : script.Events.Where(e => e.MarkName is not null && e.Offset > part.Start && e.Offset < part.End));
            if (part is { StartsSentence: true }) marks.Add(new SpeechMark(SpeechMarkKind.Sentence, part.Start, part.SentenceEnd - part.Start, origin));
            await foreach (SpokenPart piece in Pieces(part, silence, speak, cancellation))
            {
                AddWords(marks, named, piece, origin);
                for (int at = 0; at < piece.Samples.Length; at += chunkLength)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int length = Math.Min(chunkLength, piece.Samples.Length - at);
                    SpeechMark[] due = [.. marks.Where(m => m.Sample < position + length)];
                    marks.RemoveRange(0, due.Length);
                    yield return new SpeechChunk(sampleRate, position, piece.Samples.Slice(at, length), due);
                    position += length;
                }
            }

            marks.AddRange(named.Select(e => new SpeechMark(SpeechMarkKind.Named, e.Offset, 0, position, e.MarkName)));
            if (marks.Count > 0) yield return new SpeechChunk(sampleRate, position, default, [.. marks.Select(m => m with { Sample = position })]);
        }
    }

    /// <summary>A part that is spoken at once.</summary>
    public static async IAsyncEnumerable<SpokenPart> Single(ValueTask<SpokenPart> spoken)
    {
        yield return await spoken;
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

    /// <summary>The silence before a part, then what is spoken.</summary>
    private static async IAsyncEnumerable<SpokenPart> Pieces(
        SpeechPart? part, long silence, Func<SpeechPart, CancellationToken, IAsyncEnumerable<SpokenPart>> speak, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (silence > 0) yield return new SpokenPart(new float[silence], []);
        if (part is null) yield break;
        await foreach (SpokenPart piece in speak(part, cancellation).WithCancellation(cancellation)) yield return piece;
    }

    private static void AddWords(List<SpeechMark> marks, Queue<SpeechEvent> named, SpokenPart piece, long origin)
    {
        foreach (SpokenWord word in piece.Words)
        {
            while (named.TryPeek(out SpeechEvent next) && next.Offset <= word.Offset)
                marks.Add(new SpeechMark(SpeechMarkKind.Named, named.Dequeue().Offset, 0, origin + word.Sample, next.MarkName));
            marks.Add(new SpeechMark(SpeechMarkKind.Word, word.Offset, word.Length, origin + word.Sample));
        }
    }
}
