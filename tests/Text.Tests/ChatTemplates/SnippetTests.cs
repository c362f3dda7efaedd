using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>The snippets of tests/golden/chat-templates: what Jinja prints is printed, what it refuses is refused.</summary>
public class SnippetTests
{
    private static readonly JsonNode Golden = GoldenFiles.Read("snippets.json");

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, Golden["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_snippet_gives_what_jinja_gives(int index)
    {
        JsonNode snippet = Golden["cases"]![index]!;
        string source = (string)snippet["template"]!;
        JsonObject variables = Golden["variables"]!.DeepClone().AsObject();

        if (snippet["text"] is { } expected)
        {
            Assert.Equal((string)expected!, Template.Render(source, variables));
        }
        else
        {
            ChatTemplateException exception = Assert.Throws<ChatTemplateException>(() => Template.Render(source, variables));

            Assert.InRange(exception.Line, 1, source.Count(c => c == '\n') + 1);
        }
    }
}
