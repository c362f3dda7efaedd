using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>Whatever the source, parsing and rendering end in text or in a <see cref="ChatTemplateException"/>.</summary>
public class FuzzTests
{
    private static readonly ChatTemplateLimits Limits = new() { MaxSteps = 20_000, MaxTextLength = 100_000 };

    private static readonly string[] Fragments =
    [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", " ", "\n", "if", "elif", "else", "endif", "for", "in", "endfor", "set", "endset", "macro",
        "endmacro", "call", "filter", "raw", "endraw", "break", "is", "not", "and", "or", "defined", "string", "(", ")", "[", "]", "{", "}", ",", ":",
        ".", "|", "=", "==", "<", "+", "-", "*", "**", "/", "//", "%", "~", "'a'", "\"b", "'", "\\", "0", "1", "-1", "99999999999999999999", "1.5",
        "1e999", "none", "true", "a", "d", "s", "loop", "loop.index", "namespace(x=1)", "range(9)", "tojson", "items", "join", "sort", "upper", "map",
        "selectattr", "split", "format", "replace", "append", "pop", "get", "x", "{{ ", " }}", "{% if a %}", "{% endif %}", "{% for x in a %}",
        "{% endfor %}", "{% set x = ", " %}", "é", "😀", "\ud83d", "\0", "{}", "%s", "{:>9}",
    ];

    [Fact]
    public void Random_bytes_as_a_template_never_fail_otherwise() =>
        Check(ArbMap.Default.ArbFor<byte[]>().Convert(Encoding.Latin1.GetString, Encoding.Latin1.GetBytes), 1_000);

    [Fact]
    public void Random_bytes_in_a_tag_never_fail_otherwise() => Check(
        ArbMap.Default.ArbFor<byte[]>().Convert(bytes => "{{ " + Encoding.UTF8.GetString(bytes) + " }}", text => Encoding.UTF8.GetBytes(text)), 1_000);

    [Fact]
    public void Random_fragments_of_templates_never_fail_otherwise() =>
        Check(Gen.Elements(Fragments).ArrayOf().Select(parts => string.Concat(parts)).ToArbitrary(), 5_000);

    [Fact]
    public void Random_expressions_never_fail_otherwise() =>
        Check(Gen.Elements(Fragments[10..]).ArrayOf().Select(parts => "{{ " + string.Join(' ', parts) + " }}").ToArbitrary(), 5_000);

    [Fact]
    public void Snippets_with_one_character_changed_never_fail_otherwise()
    {
        string[] snippets = [.. GoldenFiles.Read("snippets.json")["cases"]!.AsArray().Select(c => (string)c!["template"]!).Where(t => t.Length > 0)];
        Gen<string> mutated =
            from snippet in Gen.Elements(snippets)
            from position in Gen.Choose(0, snippet.Length - 1)
            from length in Gen.Choose(0, 3)
            from fragment in Gen.Elements(Fragments)
            select snippet[..position] + fragment + snippet[Math.Min(position + length, snippet.Length)..];
        Check(mutated.ToArbitrary(), 5_000);
    }

    private static void Check(Arbitrary<string> templates, int count) => Prop
        .ForAll(templates, source => EndsWell(source))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20_251_121, 7));

    private static bool EndsWell(string source)
    {
        try
        {
            JsonObject variables = JsonNode.Parse("""{"a": [1, "x", {"b": 2}], "d": {"k": [1], "s": "v"}, "s": "Hello 😀"}""")!.AsObject();
            return Template.Render(source, variables, Limits).Length <= Limits.MaxTextLength;
        }
        catch (ChatTemplateException)
        {
            return true;
        }
    }
}
