using System.Text.RegularExpressions;

namespace Inference.Cli.Tests;

/// <summary>The client commands against a real host with the bundled model.</summary>
public class ClientCommandTests(DemoServer server) : IClassFixture<DemoServer>
{
    [Fact]
    public async Task Chat_reads_questions_from_its_input_answers_each_and_ends_with_it()
    {
        CliProcess run = await RunAsync("What is 7 x 8?\n\n/help\nWhat is the capital of France?\n", "chat", "--temperature", "0", "--stats");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Errors);
        Assert.Matches(
            @"^.*\b56\b.*\n\[\d+ prompt \(\d+ cached\) \+ \d+ tokens, first after \d+ ms, \d+ ms in all\]\n\n/clear forgets .*\n.*\bParis\b.*\n\[\d+ prompt", run.Output);
    }

    [Fact]
    public async Task A_refused_turn_is_reported_and_the_chat_goes_on()
    {
        CliProcess run = await RunAsync("hello\n", "chat", "--temperature", "-1");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"error: sampling\.temperature: .*-1", run.Errors);
    }

    [Fact]
    public async Task Complete_continues_an_argument_or_its_input_alike_and_stops_where_it_is_told()
    {
        CliProcess argument = await RunAsync("", "complete", "2 + 2 =", "-t", "0", "-n", "8", "--echo");
        CliProcess input = await RunAsync("2 + 2 =", "complete", "-t", "0", "-n", "8", "--echo");

        string continuation = argument.Output["2 + 2 =".Length..].Trim();
        CliProcess stopped = await RunAsync("", "complete", "2 + 2 =", "-t", "0", "-n", "8", "--stop", continuation[..1]);

        Assert.StartsWith("2 + 2 =", argument.Output);
        Assert.Equal(argument, input);
        Assert.Equal("", stopped.Output.Trim());
    }

    [Fact]
    public async Task Tokenize_prints_an_id_and_a_token_a_line_or_only_how_many()
    {
        CliProcess lines = await RunAsync("", "tokenize", "Hello, 17 \"quotes\"");
        CliProcess count = await RunAsync("Hello, 17 \"quotes\"", "tokenize", "--count");

        MatchCollection matches = Regex.Matches(lines.Output, @"^ *(\d+)  (.*)$", RegexOptions.Multiline);
        Assert.Equal("Hello, 17 \\\"quotes\\\"", string.Concat(matches.Select(m => m.Groups[2].Value)));
        Assert.Equal($"{matches.Count}\n", count.Output);
        Assert.Equal(0, lines.ExitCode);
    }

    [Fact]
    public async Task Models_are_loaded_listed_and_unloaded()
    {
        CliProcess load = await RunAsync("", "models", "load", "second", "demo");
        CliProcess list = await RunAsync("", "models", "list");
        CliProcess unload = await RunAsync("", "models", "unload", "second");
        CliProcess after = await RunAsync("", "models", "list");

        Assert.Equal([0, 0, 0, 0], new[] { load, list, unload, after }.Select(r => r.ExitCode));
        Assert.EndsWith("100 %  ready\n", load.Output);
        Assert.Contains("second", list.Output);
        Assert.Contains("demo", after.Output);
        Assert.DoesNotContain("second", after.Output);
    }

    [Theory]
    [InlineData("models", "unload", "absent")]
    [InlineData("complete", "hi", "--model", "absent")]
    public async Task An_unknown_model_is_named_and_the_exit_code_is_1(params string[] arguments)
    {
        CliProcess run = await RunAsync("", arguments);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("absent", run.Errors);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_with_a_hint_and_not_repeated()
    {
        CliProcess run = await CliProcess.RunAsync("", "models", "list", "--server", server.Address, "--api-key", "not-the-key-that-is-asked-for");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("(set INFERENCE_API_KEY)", run.Errors);
        Assert.DoesNotContain("not-the-key", run.Errors + run.Output);
    }

    [Fact]
    public async Task Bench_prints_how_many_succeeded_their_tokens_and_latencies()
    {
        CliProcess run = await RunAsync("", "bench", "--requests", "6", "--concurrency", "3", "--shared-words", "8", "--prompt-words", "4", "--max-tokens", "5");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("6 of 6 requests succeeded in", run.Output);
        Assert.Contains("30 tokens,", run.Output);
        Assert.All((string[])["time to first token", "inter-token", "end to end"], row => Assert.Contains(row, run.Output));
    }

    [Fact]
    public async Task Bench_counts_failures_by_their_reason()
    {
        CliProcess run = await RunAsync("", "bench", "--requests", "3", "--model", "absent");

        Assert.Contains("0 of 3 requests succeeded", run.Output);
        Assert.Matches("3 failed: .*absent", run.Output);
    }

    private Task<CliProcess> RunAsync(string input, params string[] arguments) =>
        CliProcess.RunAsync(input, [.. arguments, "--server", server.Address, "--api-key", DemoServer.ApiKey]);
}
