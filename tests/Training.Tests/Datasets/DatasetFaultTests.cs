using System.Text;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests.Datasets;

/// <summary>Each fault is told with its line, its field and the reason.</summary>
public class DatasetFaultTests
{
    private const string Good = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]}""";

    public static TheoryData<string, string, string> BadLines() => new()
    {
        { """{"messages":[{"role":"user","content":"Hi"}]}""", "messages", "has no assistant message" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a","weight":0}]}""", "messages", "has no assistant message with a weight above 0" },
        { """{"messages":[{"role":"teacher","content":"Hi"},{"role":"assistant","content":"a"}]}""", "messages[0].role", "'teacher' is unknown; known are system, developer, user and assistant" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"tool","content":"4"},{"role":"assistant","content":"a"}]}""", "messages[1].role", "'tool' is not supported: tool calls are not trained" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a","tool_calls":[{}]}]}""", "messages[1].tool_calls", "is not supported: tool calls are not trained" },
        { """{"tools":[{}],"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a"}]}""", "tools", "is not supported: tool calls are not trained" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a","wieght":1}]}""", "messages[1].wieght", "is unknown; known are role, content, name and weight" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a","weight":2}]}""", "messages[1].weight", "must be a number from 0 to 1, not 2" },
        { """{"messages":[{"role":"user","content":"Hi","weight":1},{"role":"assistant","content":"a"}]}""", "messages[0].weight", "is for assistant messages only, not for user" },
        { """{"messages":[{"role":"user","content":7},{"role":"assistant","content":"a"}]}""", "messages[0].content", "must be a string, not a number" },
        { """{"messages":[{"role":"user"},{"role":"assistant","content":"a"}]}""", "messages[0].content", "is missing" },
        { """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":""}]}""", "messages[1].content", "must not be empty" },
        { """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]},{"role":"assistant","content":"a"}]}""", "messages[0].content[0]", "must be a part of type text" },
        { """{"messages":[]}""", "messages", "must have 1 to 1000 messages, not 0" },
        { """{"messages":"Hi"}""", "messages", "must be an array of messages, not a string" },
        { """{"prompt":"Hi"}""", "", "has none of messages, completion, chosen and preferred_output" },
        { """{"messages":[],"completion":"a"}""", "", "mixes formats: one of messages, completion, chosen and preferred_output is wanted" },
        { """{"prompt":"Hi","completion":"a"}""", "", "is prompt_completion; the file began with chat" },
        { """["Hi"]""", "", "must be a JSON object, not an array" },
        { """{"messages":[{"role":"user","content":"\ud800"},{"role":"assistant","content":"a"}]}""", "", "has a text that is not valid Unicode" },
    };

    [Theory]
    [MemberData(nameof(BadLines))]
    public void A_bad_line_is_told_with_field_and_reason(string line, string field, string reason)
    {
        DatasetReport report = DemoTokens.Read($"{Good}\n{line}\n{Good}\n");

        Assert.Equal(new DatasetFault(2, field, reason), Assert.Single(report.Faults));
        Assert.Equal(2, report.Examples);
        Assert.False(report.IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n\n")]
    public void An_empty_file_has_too_few_examples(string text)
    {
        DatasetReport report = DemoTokens.Read(text);

        Assert.Equal("file has 0 examples; at least 1 is needed", Assert.Single(report.Faults).ToString());
    }

    [Fact]
    public void Wrong_json_at_line_7_is_told_with_its_byte()
    {
        string[] lines = [.. Enumerable.Repeat(Good, 9)];
        lines[6] = """{"messages": [}""";

        DatasetFault fault = Assert.Single(DemoTokens.Read(string.Join('\n', lines)).Faults);

        Assert.Equal(7, fault.Line);
        Assert.StartsWith("is not valid JSON at byte 15: ", fault.Reason);
    }

    [Fact]
    public void Text_that_is_not_utf_8_is_told()
    {
        byte[] line = [.. "{\"prompt\":\"a\",\"completion\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        DatasetReport report = new DatasetReader(
            new ExampleTokenizer(DemoTokens.Tokenizer, DemoTokens.Template, 64, DemoTokens.Day), FineTuningMethod.Supervised, new()).Read(new MemoryStream(line));

        Assert.Equal(1, Assert.Single(report.Faults).Line);
    }

    [Fact]
    public void A_message_longer_than_the_context_is_a_fault_and_a_longer_conversation_is_cut()
    {
        string lines = $$$"""
            {"messages":[{"role":"user","content":"{{{string.Concat(Enumerable.Repeat("blue ", 100))}}}"},{"role":"assistant","content":"a"}]}
            {"messages":[{"role":"user","content":"Tell me a story about a dog."},{"role":"assistant","content":"{{{string.Concat(Enumerable.Repeat("red ", 30))}}}"}]}
            {"messages":[{"role":"user","content":"{{{string.Concat(Enumerable.Repeat("red ", 35))}}}"},{"role":"assistant","content":"a"}]}
            """;
        List<TokenizedRecord> taken = [];

        DatasetReport report = DemoTokens.Read(lines, maxTokens: 40, take: taken.Add);

        Assert.Equal([1L, 3L], report.Faults.Select(f => f.Line));
        Assert.Matches(@"^messages\[0\]\.content has \d+ tokens, the limit is 40$", $"{report.Faults[0].Field} {report.Faults[0].Reason}");
        Assert.Matches(@"^begins to answer after the first 40 tokens, to which the example's \d+ are cut$", report.Faults[1].Reason);
        Assert.Contains(report.Warnings, w => w.Line == 2 && w.Reason.EndsWith("and is cut to 40"));
        Assert.Equal(40, Assert.Single(taken).Examples[0].Tokens.Length);
        Assert.Equal((1, 1), (report.Examples, report.TruncatedExamples));
    }

    [Fact]
    public void Only_the_first_faults_are_listed_and_all_are_counted()
    {
        DatasetReport report = DemoTokens.Read(string.Concat(Enumerable.Repeat("{}\n", 250)), options: new() { MaxListedFaults = 10 });

        Assert.Equal((10, 250), (report.Faults.Count, report.FaultCount));
        Assert.Equal(10, report.Faults[^1].Line);
    }

    [Fact]
    public void A_pair_is_no_supervised_example_and_a_conversation_no_pair()
    {
        string pair = """{"prompt":"a","chosen":"b","rejected":"c"}""";

        Assert.Equal("is preference, which the method supervised does not take", Assert.Single(DemoTokens.Read(pair).Faults).Reason);
        Assert.Equal("is chat, which the method dpo does not take", Assert.Single(DemoTokens.Read(Good, FineTuningMethod.Dpo).Faults).Reason);
    }

    [Theory]
    [InlineData("""{"prompt":"a","chosen":"b","rejected":"b"}""", "rejected", "equals chosen")]
    [InlineData("""{"prompt":"a","chosen":"b"}""", "rejected", "is missing")]
    [InlineData("""{"input":{},"preferred_output":[],"non_preferred_output":[]}""", "input.messages", "is missing")]
    [InlineData("""{"input":{"messages":[{"role":"user","content":"a"}]},"preferred_output":[{"role":"user","content":"b"}],"non_preferred_output":[{"role":"assistant","content":"c"}]}""", "preferred_output", "must begin and end with an assistant message")]
    public void A_bad_pair_is_told(string line, string field, string reason) =>
        Assert.Contains(new DatasetFault(1, field, reason), DemoTokens.Read(line, FineTuningMethod.Dpo).Faults);

    [Fact]
    public void A_line_without_an_end_in_a_file_of_a_gigabyte_is_counted_and_not_kept()
    {
        using EndlessLine file = new(1L << 30);
        long before = GC.GetAllocatedBytesForCurrentThread();

        DatasetReport report = new DatasetReader(
            new ExampleTokenizer(DemoTokens.Tokenizer, DemoTokens.Template, 64, DemoTokens.Day), FineTuningMethod.Supervised, new()).Read(file);

        Assert.Equal("line 1: has 1073741824 bytes; the limit is 16777216", Assert.Single(report.Faults).ToString());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_file_far_larger_than_memory_in_use_is_read_a_line_at_a_time()
    {
        string longLine = Good.Replace("Hi", new string('x', 1 << 20), StringComparison.Ordinal).Replace("\"user\"", "\"tutor\"", StringComparison.Ordinal);
        using RepeatedLines file = new(Encoding.UTF8.GetBytes(longLine + "\n"), 200);

        DatasetReport report = new DatasetReader(
            new ExampleTokenizer(DemoTokens.Tokenizer, DemoTokens.Template, 64, DemoTokens.Day), FineTuningMethod.Supervised, new()).Read(file);

        Assert.Equal(200, report.FaultCount);
        Assert.InRange(file.MostMemory, 1, 60 << 20);
    }

    [Fact]
    public void A_model_without_a_chat_template_is_told_of_once()
    {
        string chat = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}""" + "\n";
        DatasetReader reader = new(new ExampleTokenizer(DemoTokens.Tokenizer, null, 1024, DemoTokens.Day), FineTuningMethod.Supervised, new DatasetOptions());

        DatasetReport report = reader.Read(new MemoryStream(Encoding.UTF8.GetBytes(chat + chat + chat)));
        DatasetReport texts = reader.Read(new MemoryStream("""{"prompt":"Hi","completion":"Ho"}"""u8.ToArray()));

        DatasetFault fault = Assert.Single(report.Faults);
        Assert.Equal((1, "messages"), (fault.Line, fault.Field));
        Assert.Contains("the model has none: use prompt and completion", fault.Reason);
        Assert.True(texts.IsValid);
    }

    /// <summary>So many bytes, no line feed among them.</summary>
    private sealed class EndlessLine(long length) : ReadOnlyStream
    {
        private long _left = length;

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, _left);
            buffer[..count].Fill((byte)'a');
            _left -= count;
            return count;
        }
    }

    /// <summary>The same line again and again.</summary>
    private sealed class RepeatedLines(byte[] line, int count) : ReadOnlyStream
    {
        private readonly long _length = (long)line.Length * count;
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private long _at;
        private int _reads;

        /// <summary>Most bytes in use beyond those at the start.</summary>
        public long MostMemory { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int at = (int)(_at % line.Length);
            int read = (int)Math.Min(Math.Min(buffer.Length, line.Length - at), _length - _at);
            line.AsSpan(at, read).CopyTo(buffer);
            _at += read;
            if (++_reads % 500 == 0)
            {
                MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: true) - _before);
            }

            return read;
        }
    }

    private abstract class ReadOnlyStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
