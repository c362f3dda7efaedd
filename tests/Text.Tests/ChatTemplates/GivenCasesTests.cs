using System.Text.Json.Nodes;
using Inference.TestSupport;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>The cases of ../shared/data/chat-templates/expected, each with the text that Jinja gives.</summary>
public class GivenCasesTests
{
    private const string Jinja = "chat-templates/expected/jinja-cases.json";
    private const string Chat = "chat-templates/expected/chat-template-cases.json";

    /// <summary>Cases whose expected text is not what Jinja makes of the messages, and why.</summary>
    private static readonly Dictionary<string, string> NotJinjasOwn = new()
    {
        ["OrionStarAI/Orion-14B-Chat"] = "expects the system message to be merged into the user's before the template runs",
        ["yandex/YandexGPT-5-Lite-8B-instruct"] = "expects the system message to be merged into the user's before the template runs",
    };

    public static TheoryData<string> JinjaCases() => [.. Cases(Jinja).Select((c, i) => $"{i}: {c["name"]}")];

    public static TheoryData<string> ChatCases() =>
        [.. Cases(Chat).Select((c, i) => $"{i}: {c["name"]}").Where(name => !NotJinjasOwn.ContainsKey(name[(name.IndexOf(' ') + 1)..]))];

    [SharedDataTheory(Jinja)]
    [MemberData(nameof(JinjaCases), DisableDiscoveryEnumeration = true)]
    public void A_jinja_case_renders_as_expected(string name)
    {
        JsonNode given = Cases(Jinja)[int.Parse(name.AsSpan(0, name.IndexOf(':')))];

        string text = Template.Render((string)given["template"]!, given["vars"]!.AsObject());

        Assert.Equal((string)given["expected"]!, text);
    }

    [SharedDataTheory(Chat)]
    [MemberData(nameof(ChatCases), DisableDiscoveryEnumeration = true)]
    public void A_chat_template_case_renders_as_expected(string name)
    {
        JsonNode given = Cases(Chat)[int.Parse(name.AsSpan(0, name.IndexOf(':')))];
        JsonArray messages =
        [
            ChatTemplateInput.Message("system", "You are a helpful assistant"),
            ChatTemplateInput.Message("user", "Hello"),
            ChatTemplateInput.Message("assistant", "Hi there"),
            ChatTemplateInput.Message("user", "Who are you"),
            ChatTemplateInput.Message("assistant", "   I am an assistant   "),
            ChatTemplateInput.Message("user", "Another question"),
            .. (given["extra_conversation"]?.AsArray() ?? []).Select(message => message!.DeepClone()),
        ];

        string text = ChatTemplate.Parse((string)given["template"]!).Render(new ChatTemplateInput
        {
            Messages = messages,
            BosToken = (string?)given["bos_token"] ?? "",
            EosToken = (string?)given["eos_token"] ?? "",
        });

        string jinja = (string)given["expected_output_jinja"]!;
        Assert.Equal(jinja.Length > 0 ? jinja : (string)given["expected_output"]!, text);
    }

    private static JsonNode[] Cases(string path) => SharedData.Find(path) is null
        ? []
        : [.. JsonNode.Parse(File.ReadAllText(SharedData.Get(path)))!["cases"]!.AsArray().Select(c => c!)];
}
