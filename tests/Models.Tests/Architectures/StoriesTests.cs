using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

/// <summary>A trained model: 200 greedy steps give the known text, byte for byte.</summary>
public class StoriesTests
{
    [SharedDataTheory(Stories260K.Folder)]
    [InlineData("reference", "hf", DType.F32)]
    [InlineData("cpu", "hf", DType.F32)]
    [InlineData("cpu", "hf", DType.F16)]
    [InlineData("cpu", "hf", DType.BF16)]
    [InlineData("cpu", "gguf", DType.F32)]
    [InlineData("cpu", "gguf", DType.BF16)]
    public void Greedy_decoding_tells_the_known_story(string backendName, string container, DType type)
    {
        using TemporaryDirectory directory = new();
        Stories260K stories = Stories260K.Read();
        string path = directory.Path;
        if (container == "gguf")
        {
            path = directory.File("stories260K.gguf");
            stories.WriteGguf(path, type);
        }
        else
        {
            stories.WriteHuggingFace(path, type);
        }

        using IBackend backend = Backends.Create(backendName);
        using ICausalModel model = ArchitectureRegistry.Load(path, backend);
        using ModelSequence sequence = new(model, capacity: 256);

        int[] generated = sequence.Greedy([Stories260K.Bos], 200);

        Assert.StartsWith(Stories260K.ExpectedText(type, container == "gguf"), stories.Decode(generated));
    }
}
