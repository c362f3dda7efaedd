using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>Templates are untrusted: each of these ends in a clear exception, none hangs, fills memory or overflows the stack.</summary>
public class LimitsTests
{
    private const string Nested = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}";

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% set l = [1] %}{% for i in range(99999) %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}", "range")]
    [InlineData("{{ range(-9223372036854775807, 9223372036854775807)|length }}", "range")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "deeper")]
    [InlineData("{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}", "deeper")]
    [InlineData("{{ 'a' * 1000000000 }}", "characters")]
    [InlineData("{{ [0] * 1000000000 }}", "steps")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "steps")]
    [InlineData("{% set s = 'a' * 100000 %}{% for i in range(100000) %}{{ s }}{% endfor %}", "characters")]
    [InlineData("{% set s = 'a' * 5000000 %}{% for i in range(100000) %}{% set t = s.upper() %}{% endfor %}", "steps")]
    [InlineData("{% set s = 'a' * 1000000 %}{{ s.replace('a', s) }}", "characters")]
    [InlineData("{% set s = 'a' * 8000000 %}{% set p = 'a' * 4000000 ~ 'b' %}{{ p in s }}", "steps")]
    [InlineData("{% set s = 'a' * 8000000 %}{% set p = 'a' * 4000000 ~ 'b' %}{{ s.split(p) }}", "steps")]
    [InlineData("{{ ('a,' * 4000000).split(',')|join('xxxx') }}", "")]
    [InlineData("{% set s = 'A' * 4000000 %}{{ ([s] * 100000)|sort|length }}", "steps")]
    [InlineData("{% set s = 'a' * 8000000 %}{% set d = {'k': 1} %}{% for i in range(100000) %}{{ d[s] }}{% endfor %}", "steps")]
    [InlineData("{% set s = 'a' * 8000000 %}{% for i in range(100000) %}{% if s|length == i or s is upper %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set s = 'a' * 8000000 %}{% set t = 'a' * 8000000 %}{{ ([s, t] * 1000)|sort(case_sensitive=true)|length }}", "steps")]
    [InlineData("{% set s = 'a' * 8000000 %}{% for i in range(100000) %}{% set x = d|attr(s) if d else s|attr(s) %}{% endfor %}", "steps")]
    [InlineData("{{ ('[' ~ '1,' * 2000000 ~ '1]')|from_json|length }}", "steps")]
    [InlineData("{{ '%9999999999d' % 1 }}", "width")]
    [InlineData("{{ '{:99999999}'.format('x') }}", "width")]
    [InlineData("{{ 'x'.center(2000000000) }}", "characters")]
    [InlineData("{{ 'a\nb'|indent(2000000000) }}", "characters")]
    [InlineData("{{ [1]|batch(2000000000, 0)|list }}", "steps")]
    [InlineData("{{ 10 ** 1000000000 }}", "128 bits")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", "deeper")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l|tojson }}", "deeper")]
    [InlineData("{% set l = [] %}{% set m = [] %}{% set _ = l.append(m) %}{% set _ = m.append(l) %}{{ l == m }}", "deeper")]
    [InlineData(Nested + "{{ ns.x }}", "")]
    [InlineData(Nested + "{{ ns.x|tojson }}", "")]
    [InlineData(Nested + "{% set y = ns.x + [] %}{{ [y] == [ns.x + []] }}{{ y|string|length }}", "")]
    [InlineData("{% set ns = namespace(t=(1, 2)) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1} }}", "key")]
    public void A_template_that_wants_too_much_fails_with_a_clear_message(string source, string reason)
    {
        ChatTemplateException exception = Template.Fails(source);

        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.True(exception.Line > 0);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{1:")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("1 if 1 else ")]
    [InlineData("f(")]
    public void Deep_nesting_in_an_expression_is_refused(string opening)
    {
        string source = "{{ " + string.Concat(Enumerable.Repeat(opening, 20_000)) + "1";

        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source));
    }

    [Fact]
    public void Deep_nesting_of_tags_is_refused()
    {
        string source = string.Concat(Enumerable.Repeat("{% if true %}", 20_000));

        Assert.Contains("nested", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", " + 1")]
    [InlineData("'a'", "|upper")]
    [InlineData("a", ".b")]
    [InlineData("1", " and 1")]
    [InlineData("1", " is number is number")]
    public void A_chain_of_a_hundred_thousand_links_ends_in_an_exception(string first, string link)
    {
        string source = "{{ " + first + string.Concat(Enumerable.Repeat(link, 100_000)) + " }}";

        Assert.Throws<ChatTemplateException>(() => Template.Render(source));
    }

    [Fact]
    public void A_hundred_thousand_strings_side_by_side_are_one()
    {
        string source = "{{ (" + string.Concat(Enumerable.Repeat("'a' ", 100_000)) + ")|length }}";

        Assert.Equal("100000", Template.Render(source));
    }

    [Fact]
    public void A_template_renders_on_many_threads_at_once()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% set ns = namespace(l=[]) %}{% for m in messages %}{% set _ = ns.l.append(m.content) %}{% endfor %}{{ ns.l|join(',') }}");
        string[] texts = new string[200];

        Parallel.For(0, texts.Length, i => texts[i] = template.Render(new ChatTemplateInput
        {
            Messages = [ChatTemplateInput.Message("user", $"a{i}"), ChatTemplateInput.Message("user", $"b{i}")],
        }));

        Assert.Equal(Enumerable.Range(0, texts.Length).Select(i => $"a{i},b{i}"), texts);
    }

    [Fact]
    public void A_rendering_of_eight_million_characters_passes_and_one_more_does_not()
    {
        Assert.Equal(1 << 23, Template.Render("{{ 'a' * 8388608 }}").Length);
        Assert.Contains("8388608", Template.Fails("{{ 'a' * 8388608 }}b").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_beyond_the_limit_is_refused()
    {
        ChatTemplateLimits limits = new() { MaxSourceLength = 10 };

        Assert.Equal(0, Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("01234567890", limits)).Line);
        Assert.Equal("0123456789", ChatTemplate.Parse("0123456789", limits).Render(new ChatTemplateInput { Messages = [] }));
    }

    [Fact]
    public void Messages_nested_too_deep_are_refused()
    {
        JsonNode deep = new JsonArray();
        for (int i = 0; i < 2_000; i++)
        {
            deep = new JsonArray(deep);
        }

        ChatTemplate template = ChatTemplate.Parse("x");

        Assert.Throws<ChatTemplateException>(() => template.Render(new ChatTemplateInput { Messages = new JsonArray(deep) }));
    }

    [Fact]
    public void A_cancelled_token_ends_a_long_rendering()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
            new ChatTemplateLimits { MaxSteps = long.MaxValue / 2 });
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(50));

        Assert.Throws<OperationCanceledException>(() => template.Render(new ChatTemplateInput { Messages = [] }, source.Token));
    }

    [Fact]
    public void An_error_names_the_line()
    {
        Assert.Equal(3, Template.Fails("a\n{% if true %}\n{{ missing.attribute }}\n{% endif %}").Line);
        Assert.Equal(2, Template.Fails("a\n{{ 1 + }}").Line);
        Assert.Equal(2, Template.Fails("{{ 'x' }}\n{% nonsense %}").Line);
    }
}
