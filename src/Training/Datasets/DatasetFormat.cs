namespace Inference.Training.Datasets;

/// <summary>What the lines of a file are. A file has one format.</summary>
public enum DatasetFormat
{
    /// <summary>{"messages": [{"role", "content", "weight"}, ...]}.</summary>
    Chat,

    /// <summary>{"prompt": "...", "completion": "..."}: plain texts, without a chat template.</summary>
    PromptCompletion,

    /// <summary>
    /// {"prompt", "chosen", "rejected"}, each a text or a list of messages, or
    /// {"input": {"messages"}, "preferred_output", "non_preferred_output"}.
    /// </summary>
    Preference,
}
