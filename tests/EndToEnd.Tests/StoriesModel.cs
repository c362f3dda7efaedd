using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>stories260K with a chat template.</summary>
internal static class StoriesModel
{
    public const string Data = Stories260K.Folder;

    // The model knows no turns: what is said last is the beginning of a story.
    private const string ChatTemplate = "{{ bos_token }}{{ messages[-1].content }}";

    /// <summary>Writes a Hugging Face directory.</summary>
    public static void Write(string directory, DType type)
    {
        Stories260K.Read().WriteHuggingFace(directory, type);
        File.WriteAllText(Path.Combine(directory, "chat_template.jinja"), ChatTemplate);
    }
}
