using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Inference.Speech.Bench;

/// <summary>whisper.cpp's own measurement of the same file: one encoding of 30 s, 256 tokens one by one.</summary>
internal static partial class WhisperCpp
{
    public static SpeechTimes Measure(string program, string model, int threads)
    {
        ProcessStartInfo start = new(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-m", model, "-t", threads.ToString(CultureInfo.InvariantCulture), "-w", "0", "-ng"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string timings = process.StandardError.ReadToEnd() + output.GetAwaiter().GetResult();
        process.WaitForExit();
        return new SpeechTimes(Each(timings, "encode"), Each(timings, "decode"));
    }

    /// <summary>A line such as "encode time = 123.45 ms / 1 runs ( 123.45 ms per run)".</summary>
    private static double Each(string timings, string what)
    {
        Match match = Line().Matches(timings).FirstOrDefault(m => m.Groups["what"].Value == what)
            ?? throw new InvalidDataException($"whisper-bench printed no {what} time:\n{timings}");
        return double.Parse(match.Groups["each"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(?<what>encode|decode) time =[^(]*\(\s*(?<each>[\d.]+) ms per run\)")]
    private static partial Regex Line();
}
