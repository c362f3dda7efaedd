namespace Inference.Training.Datasets;

/// <summary>A line that is well-formed: what its texts are, before tokens are made of them.</summary>
public abstract record DatasetRecord
{
    private DatasetRecord()
    {
    }

    /// <summary>A conversation.</summary>
    public sealed record Chat(IReadOnlyList<ChatTurn> Turns) : DatasetRecord;

    /// <summary>A text and how it goes on.</summary>
    public sealed record PromptCompletion(string Prompt, string Completion) : DatasetRecord;

    /// <summary>Two continuations of a conversation.</summary>
    public sealed record ChatPreference(IReadOnlyList<ChatTurn> Chosen, IReadOnlyList<ChatTurn> Rejected) : DatasetRecord;

    /// <summary>Two continuations of a text.</summary>
    public sealed record TextPreference(string Prompt, string Chosen, string Rejected) : DatasetRecord;

    /// <summary>The format to which it belongs.</summary>
    public DatasetFormat Format => this switch
    {
        Chat => DatasetFormat.Chat,
        PromptCompletion => DatasetFormat.PromptCompletion,
        _ => DatasetFormat.Preference,
    };
}
