using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Inference.Hosting.Tests;

public class LoggingTests
{
    [Fact]
    public async Task A_line_is_one_json_object_with_the_fields_of_scope_and_message()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        ConsoleFormatter formatter = host.App.Services.GetServices<ConsoleFormatter>().Single(f => f.Name == "jsonline");
        LoggerExternalScopeProvider scopes = new();
        using IDisposable scope = scopes.Push(new[] { KeyValuePair.Create<string, object?>("request_id", "r1") });
        KeyValuePair<string, object?>[] state = [new("Count", 3), new("Text", "a\"b\nc"), new("request_id", "twice"), new("{OriginalFormat}", "x")];
        StringWriter writer = new();

        formatter.Write(
            new LogEntry<KeyValuePair<string, object?>[]>(LogLevel.Warning, "Category", 7, state, new InvalidOperationException("broken"), (_, _) => "Three"),
            scopes, writer);

        string line = writer.ToString();
        JsonObject json = JsonNode.Parse(line)!.AsObject();
        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.Equal(["time", "level", "category", "event", "message", "exception", "request_id", "Count", "Text"], json.Select(f => f.Key));
        Assert.Equal(("warning", "Three", "r1", 3, "a\"b\nc"),
            ((string?)json["level"], (string?)json["message"], (string?)json["request_id"], (int?)json["Count"], (string?)json["Text"]));
        Assert.Contains("broken", (string?)json["exception"]);
    }
}
