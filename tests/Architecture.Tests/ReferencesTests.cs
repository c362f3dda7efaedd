using System.Xml.Linq;

namespace Inference.Architecture.Tests;

/// <summary>Holds the arrows of docs/architecture.md: which project may reference which.</summary>
public class ReferencesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Tensors"] = [],
        ["Text"] = [],
        ["Models"] = ["Tensors"],
        ["Generation"] = ["Models", "Text"],
        ["Training"] = ["Models", "Text"],
        ["EspeakWorker"] = [],
        ["Speech"] = ["Models", "Text", "EspeakWorker"],
        ["Jobs"] = [],
        ["Artifacts"] = [],
        ["Rpc"] = [],
        ["Contracts"] = [],
        ["Hosting"] = ["Rpc"],
        ["ClientLib"] = ["Rpc", "Contracts"],
        ["InferenceHost"] = ["Generation", "Artifacts", "Contracts", "Rpc", "Hosting"],
        ["JobWorker"] = ["Jobs", "Artifacts", "Training", "Contracts", "Rpc", "Hosting"],
        ["VoiceHost"] = ["Speech", "ClientLib", "Contracts", "Rpc", "Hosting"],
        ["Cli"] = ["ClientLib", "InferenceHost", "JobWorker", "VoiceHost"],
    };

    public static TheoryData<string> Projects() => new(SourceProjects().Select(p => Path.GetFileNameWithoutExtension(p)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_architecture_allows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the architecture: add it there and here");
        string[] references = [.. Load(project).Descendants("ProjectReference")
            .Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/')))];

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Unsafe_code_stays_in_tensors_and_models(string project)
    {
        bool isUnsafe = Load(project).Descendants("AllowUnsafeBlocks").Any(e => e.Value == "true");

        Assert.False(isUnsafe && project is not ("Tensors" or "Models"), $"{project} allows unsafe code");
    }

    [Fact]
    public void Every_project_under_src_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Root(), "Inference.sln")).Replace('\\', '/');

        Assert.All(SourceProjects(), p => Assert.Contains(Path.GetRelativePath(Root(), p).Replace('\\', '/'), solution));
    }

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Root(), "src", project, project + ".csproj"));

    private static string[] SourceProjects() => Directory.GetFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories);

    private static string Root()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Inference.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Inference.sln is in no parent directory of the test");
    }
}
