using System.Text.Json.Nodes;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>Files of tests/golden/chat-templates.</summary>
internal static class GoldenFiles
{
    public static JsonNode Read(string name)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Inference.sln")))
        {
            directory = directory.Parent;
        }

        string root = directory?.FullName ?? throw new InvalidOperationException("Inference.sln is in no parent directory of the test");
        return JsonNode.Parse(File.ReadAllText(Path.Combine(root, "tests", "golden", "chat-templates", name)))!;
    }
}
