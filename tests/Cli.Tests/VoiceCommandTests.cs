using Inference.TestSupport;

namespace Inference.Cli.Tests;

/// <summary>The voice commands against real hosts with the bundled models and espeak-ng.</summary>
public sealed class VoiceCommandTests(VoiceServer server) : IClassFixture<VoiceServer>, IDisposable
{
    private const string Question = "what is seven times eight";

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task What_speak_writes_transcribe_reads_and_converse_answers()
    {
        string question = _directory.File("question.wav"), answer = _directory.File("answer.wav");

        CliProcess speak = await RunAsync("speak", $"{Question}?", "--voice", "en-us", "-o", question);
        CliProcess[] runs = await Task.WhenAll(
            RunAsync("transcribe", question), RunAsync("transcribe", question, "--stream"), RunAsync("converse", question, "-o", answer, "-t", "0"));

        Assert.Equal((0, ""), (speak.ExitCode, speak.Errors));
        Assert.Matches(@"question\.wav: \d+ bytes, 22050 Hz\n", speak.Output);
        Assert.All(runs, r => Assert.Equal((0, ""), (r.ExitCode, r.Errors)));
        Assert.Equal($"{Question}\n", runs[0].Output);
        Assert.Equal($"{Question}\n", runs[1].Output);
        Assert.Matches(
            $@"^> {Question}\n.*\b56\b.*\n\[voice to voice \d+ ms = end of utterance \d+ ms \(transcript after \d+ ms\) \+ first token \d+ ms \+ first audio \d+ ms\]\n$",
            runs[2].Output);
        Assert.InRange(new FileInfo(answer).Length, 20_000, 400_000);
        Assert.Equal("RIFF"u8.ToArray(), File.ReadAllBytes(answer)[..4]);
    }

    [Theory]
    [InlineData(1, "voice: there is no voice \"nobody\"", "speak", "x", "--voice", "nobody", "-o", "absent/x.wav")]
    [InlineData(2, "--output: .wav", "speak", "x", "-o", "x.aac")]
    [InlineData(2, "is no WAV file", "converse", "Inference.sln")]
    [InlineData(2, "absent.wav", "transcribe", "absent.wav")]
    public async Task What_cannot_be_done_is_named(int exitCode, string message, params string[] arguments)
    {
        CliProcess run = await RunAsync([.. arguments.Select(a => a == "Inference.sln" ? Path.Combine(SharedData.RepositoryRoot, a) : a)]);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Errors);
    }

    public void Dispose() => _directory.Dispose();

    private Task<CliProcess> RunAsync(params string[] arguments) => CliProcess.RunAsync("", [.. arguments, "--server", server.Address]);
}
