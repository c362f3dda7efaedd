using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Inference.Text.Tokenizers;
using Inference.Text.Tokenizers.Formats;

namespace Inference.Text.Tests.Tokenizers;

public class JsonCursorTests
{
    [Fact]
    public void A_vocabulary_reads_as_a_json_document_says_escaped_or_not() => Prop
        .ForAll(RandomText.Any, RandomText.Any, Arb.From(Gen.Choose(0, 1000)), (first, second, id) =>
        {
            string[] tokens = [.. new[] { first, second }.Select(t => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(t))).Distinct()];
            Dictionary<string, int> vocabulary = tokens.Index().ToDictionary(t => t.Item, t => id + t.Index);
            JsonSerializerOptions plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };
            return new[] { plain, JsonSerializerOptions.Default }.All(options =>
            {
                string json = """{"model":{"type":"BPE","merges":[],"vocab":""" + JsonSerializer.Serialize(vocabulary, options) + "}}";
                Tokenizer tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(json));
                return vocabulary.All(v => tokenizer.IdOf(v.Key) == v.Value);
            });
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\"a\\u00e4\\n\\\"\\\\\\/\\ud83d\\ude00\"", "aä\n\"\\/😀")]
    [InlineData(" \t\r\n\"\"", "")]
    public void Escapes_are_read(string json, string text)
    {
        byte[] buffer = new byte[1];
        JsonCursor cursor = new(Encoding.UTF8.GetBytes(json), "test");

        Assert.Equal(text, Encoding.UTF8.GetString(cursor.String(ref buffer)));
        Assert.True(cursor.IsAtEnd);
    }

    [Theory]
    [InlineData("\"a", "'\"' is wanted at byte 2")]
    [InlineData("\"a\nb\"", "a control character")]
    [InlineData("\"\\x\"", "an escape is not known")]
    [InlineData("\"\\u12g4\"", "four hexadecimal digits")]
    [InlineData("\"\\ud83d\"", "no partner")]
    [InlineData("\"\\ude00\"", "no partner")]
    [InlineData("\"\\ud83d\\u0041\"", "no partner")]
    [InlineData("x", "'\"' is wanted at byte 0")]
    public void What_is_no_string_is_refused_with_its_place(string json, string inMessage)
    {
        TokenizerFormatException error = Assert.Throws<TokenizerFormatException>(() =>
        {
            byte[] buffer = new byte[8];
            JsonCursor cursor = new(Encoding.UTF8.GetBytes(json), "file.json");
            cursor.String(ref buffer);
        });

        Assert.StartsWith("file.json is not valid JSON: ", error.Message);
        Assert.Contains(inMessage, error.Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf_8_are_refused() =>
        Assert.Throws<TokenizerFormatException>(() =>
        {
            byte[] buffer = new byte[8];
            JsonCursor cursor = new([(byte)'"', 0xC3, (byte)'"'], "test");
            cursor.String(ref buffer);
        });

    [Theory]
    [InlineData("12,", 12)]
    [InlineData("-7 ", -7)]
    [InlineData("2147483647}", int.MaxValue)]
    [InlineData("2147483648}", null)]
    [InlineData("99999999999999999999}", null)]
    [InlineData("1.5,", null)]
    [InlineData("1e3,", null)]
    [InlineData("01,", null)]
    [InlineData("-,", null)]
    [InlineData("\"1\",", null)]
    public void Whole_numbers_of_32_bits_are_read_and_nothing_else_is(string json, int? number)
    {
        JsonCursor cursor = new(Encoding.UTF8.GetBytes(json), "test");

        Assert.Equal(number, cursor.TryInt(out int value) ? value : null);
        Assert.Equal(number is null ? 0 : json.Length - 1, cursor.Position);
    }

    [Theory]
    [InlineData("""{"model":{"vocab":{"a":0,}}}""")]
    [InlineData("""{"model":{"vocab":{"a":0 "b":1}}}""")]
    [InlineData("""{"model":{"vocab":{"a" 0}}}""")]
    [InlineData("""{"model":{"vocab":{},}}""")]
    [InlineData("""{"model":{"vocab":{}},}""")]
    [InlineData("""{,"model":{"vocab":{}}}""")]
    public void A_misplaced_comma_or_colon_is_refused(string json) =>
        Assert.Contains("is not valid JSON", Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json))).Message);
}
