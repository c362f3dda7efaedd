using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>Renders a template with variables given as JSON, at a fixed time.</summary>
internal static class Template
{
    public static TimeProvider Afternoon { get; } = new FixedTime();

    public static string Render(string source, string variables = "{}", ChatTemplateLimits? limits = null) =>
        Render(source, JsonNode.Parse(variables)!.AsObject(), limits);

    public static string Render(string source, JsonObject variables, ChatTemplateLimits? limits = null) =>
        ChatTemplate.Parse(source, limits).Render(new ChatTemplateInput { Messages = [], Variables = variables, Time = Afternoon });

    public static ChatTemplateException Fails(string source, string variables = "{}", ChatTemplateLimits? limits = null) =>
        Assert.Throws<ChatTemplateException>(() => Render(source, variables, limits));

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2025, 3, 7, 15, 4, 5, TimeSpan.Zero);
    }
}
