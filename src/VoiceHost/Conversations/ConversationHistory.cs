using Inference.Contracts.V1;

namespace Inference.VoiceHost.Conversations;

/// <summary>What was said, as the model is told: of an answer that was cut short only what the user heard.</summary>
internal sealed class ConversationHistory(string systemPrompt, int maxMessages)
{
    private readonly List<(string Role, Func<string> Content)> _messages = [];

    /// <summary>What the user said; empty is nothing.</summary>
    public void AddUser(string text)
    {
        if (text.Length > 0)
        {
            Add("user", () => text);
        }
    }

    /// <summary>An answer: its text as far as it was heard, now and later.</summary>
    public void AddAnswer(Func<string> heard) => Add("assistant", heard);

    /// <summary>The messages for the next answer. What nobody heard is left out; turns that got no answer become one.</summary>
    public Chat ToChat()
    {
        Chat chat = new();
        foreach ((string role, Func<string> content) in _messages)
        {
            string text = content();
            if (text.Length == 0)
            {
                continue;
            }

            if (chat.Messages.Count > 0 && chat.Messages[^1].Role == role)
            {
                chat.Messages[^1].Content += "\n" + text;
            }
            else
            {
                chat.Messages.Add(new ChatMessage { Role = role, Content = text });
            }
        }

        if (systemPrompt.Length > 0)
        {
            chat.Messages.Insert(0, new ChatMessage { Role = "system", Content = systemPrompt });
        }

        return chat;
    }

    private void Add(string role, Func<string> content)
    {
        _messages.Add((role, content));
        if (_messages.Count > maxMessages)
        {
            _messages.RemoveAt(0);
        }
    }
}
