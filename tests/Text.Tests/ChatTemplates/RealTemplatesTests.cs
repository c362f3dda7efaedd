using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Inference.TestSupport;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>
/// The 68 templates of ../shared/data/chat-templates with four contexts each, against the digests of Jinja's own renderings
/// in tests/golden/chat-templates (renderings.py made them).
/// </summary>
public class RealTemplatesTests
{
    private const string Templates = "chat-templates";

    public static TheoryData<string> Names() => [.. Golden().Select(pair => pair.Key)];

    [SharedDataTheory(Templates)]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void A_real_template_renders_as_jinja_does(string name)
    {
        JsonNode golden = Golden()[name]!;
        string[] parts = name.Split('/');
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(SharedData.Get($"{Templates}/{parts[0]}.jinja")));
        ChatTemplateInput input = new() { Messages = [], Variables = Context(parts[1]), Time = Template.Afternoon };

        if (golden["sha256"] is { } digest)
        {
            string text = template.Render(input);

            Assert.Equal((int)golden["length"]!, text.EnumerateRunes().Count());
            Assert.Equal((string)digest!, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        }
        else if (golden["sandbox"] is not null)
        {
            // Jinja's sandbox refuses list.append and list.pop; here they work, on the rendering's own copies.
            Assert.Contains("ipython", template.Render(input), StringComparison.Ordinal);
        }
        else
        {
            ChatTemplateException exception = Assert.Throws<ChatTemplateException>(() => template.Render(input));

            Assert.Equal(golden["refused"] is not null, exception.IsRaisedByTemplate);
            Assert.Equal((string?)golden["refused"] ?? exception.Reason, exception.Reason);
            Assert.True(exception.Line > 0);
        }
    }

    [SharedDataFact(Templates)]
    public void Every_given_template_has_golden_renderings()
    {
        string[] given = [.. Directory.GetFiles(SharedData.Get(Templates), "*.jinja").Select(path => Path.GetFileNameWithoutExtension(path)!)];

        Assert.Empty(given.Except(Golden().Select(pair => pair.Key.Split('/')[0])));
    }

    private static JsonObject Context(string name)
    {
        bool isParsed = name == "tool_use_parsed";
        string path = SharedData.Get($"{Templates}/contexts/{(isParsed ? "tool_use" : name)}.json");
        JsonObject context = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (JsonNode? call in context["messages"]!.AsArray().SelectMany(message => message!["tool_calls"]?.AsArray() ?? []).ToArray())
        {
            JsonNode function = call!["function"]!;
            function["arguments"] = isParsed ? JsonNode.Parse((string)function["arguments"]!) : (string)function["arguments"]!;
        }

        return context;
    }

    private static JsonObject Golden() => GoldenFiles.Read("renderings.json")["renderings"]!.AsObject();
}
