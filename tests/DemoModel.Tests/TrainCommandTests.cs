using Inference.DemoModel.Corpus;
using Inference.TestSupport;

namespace Inference.DemoModel.Tests;

/// <summary>`train` end to end, with few and short steps.</summary>
public class TrainCommandTests
{
    [Fact]
    public void The_same_seed_gives_the_same_files_interrupted_or_not_and_another_seed_gives_others()
    {
        using TemporaryDirectory directory = new();
        string[] options = ["--steps", "2", "--warmup", "1", "--rows", "544", "--micro-batches", "2", "--conversations", "40", "--vocabulary", "300", "--save-every", "1", "--workers", "1"];

        Dictionary<string, byte[]> once = Train("once", [.. options]);
        Train("again", [.. options, "--stop", "1"]);
        Dictionary<string, byte[]> again = Train("again", [.. options, "--resume"]);
        Dictionary<string, byte[]> other = Train("other", [.. options, "--seed", "2"]);

        Assert.Contains("model.safetensors", once.Keys);
        Assert.Contains("tokenizer.json", once.Keys);
        Assert.Equal(once.Keys.Order(), again.Keys.Order());
        Assert.All(once, file => Assert.True(file.Value.AsSpan().SequenceEqual(again[file.Key]), file.Key));
        Assert.False(once["model.safetensors"].AsSpan().SequenceEqual(other["model.safetensors"]));

        Dictionary<string, byte[]> Train(string name, string[] arguments)
        {
            string path = directory.File(name);
            int exit = TrainCommand.Create().Parse(["--out", path, "--work", path + "-work", .. arguments]).Invoke();
            Assert.Equal(0, exit);
            return Directory.GetFiles(path).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
        }
    }

    [Fact]
    public void Conversations_depend_on_seed_and_number_alone()
    {
        DemoCorpus corpus = new();
        IReadOnlyList<Message> tenth = corpus.Conversation(7, 10);

        Assert.Equal(tenth, new DemoCorpus().Conversation(7, 10));
        Assert.NotEqual(tenth, corpus.Conversation(7, 11));
        Assert.NotEqual(tenth, corpus.Conversation(8, 10));
    }
}
