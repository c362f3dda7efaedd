using System.Globalization;
using System.Text;
using Inference.Speech.Recognition;

namespace Inference.VoiceHost.OpenAi;

/// <summary>Transcripts as subtitles.</summary>
internal static class Subtitles
{
    /// <summary>SubRip.</summary>
    public static string Srt(Transcript transcript)
    {
        StringBuilder text = new();
        foreach ((int index, TranscriptSegment segment) in transcript.Segments.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"{index + 1}\n{Time(segment.Start, ',')} --> {Time(segment.End, ',')}\n{segment.Text.Trim()}\n\n");
        }

        return text.ToString();
    }

    /// <summary>WebVTT.</summary>
    public static string Vtt(Transcript transcript)
    {
        StringBuilder text = new("WEBVTT\n\n");
        foreach (TranscriptSegment segment in transcript.Segments)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Time(segment.Start, '.')} --> {Time(segment.End, '.')}\n{segment.Text.Trim()}\n\n");
        }

        return text.ToString();
    }

    private static string Time(TimeSpan time, char point) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{point}{time.Milliseconds:000}");
}
