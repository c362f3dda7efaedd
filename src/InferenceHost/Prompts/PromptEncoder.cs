using System.Text;
using Inference.Generation;
using Inference.Text.ChatTemplates;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Prompts;

/// <summary>Checks prompts against the limits and turns them into tokens. Every fault names the client's field.</summary>
internal sealed class PromptEncoder(IOptions<LimitsOptions> limits, TimeProvider time)
{
    /// <summary>Tokens of a text.</summary>
    /// <exception cref="InvalidRequestException">The text is empty or too long.</exception>
    public IReadOnlyList<int> EncodeText(LanguageModel model, string field, string text, bool addSpecialTokens = true, bool parseSpecial = false)
    {
        if (text.Length == 0)
        {
            throw new InvalidRequestException(field, "must not be empty");
        }

        CheckLength(field, Encoding.UTF8.GetByteCount(text));
        return model.Tokenizer.Encode(text, addSpecialTokens, parseSpecial);
    }

    /// <summary>Token ids that a client sent.</summary>
    /// <exception cref="InvalidRequestException">There are none, or one is not in the vocabulary.</exception>
    public static IReadOnlyList<int> CheckTokens(LanguageModel model, string field, IEnumerable<long> ids, bool allowNone = false)
    {
        List<int> tokens = [];
        foreach (long id in ids)
        {
            if (id < 0 || id >= model.Config.VocabularySize)
            {
                throw new InvalidRequestException(field, $"token ids are from 0 to {model.Config.VocabularySize - 1}, not {id}");
            }

            tokens.Add((int)id);
        }

        return tokens.Count > 0 || allowNone ? tokens : throw new InvalidRequestException(field, "must not be empty");
    }

    /// <summary>Tokens of a chat: its rendering with special tokens parsed, nothing added.</summary>
    /// <exception cref="InvalidRequestException">The chat is empty or too long, or its template fails.</exception>
    public IReadOnlyList<int> EncodeChat(LanguageModel model, ChatPrompt chat, CancellationToken cancellationToken) =>
        EncodeText(model, chat.FieldPrefix + "messages", Render(model, chat, cancellationToken), addSpecialTokens: false, parseSpecial: true);

    /// <summary>The prompt that the chat's or the model's template makes.</summary>
    /// <exception cref="InvalidRequestException">The chat is empty or too long, or its template fails.</exception>
    public string Render(LanguageModel model, ChatPrompt chat, CancellationToken cancellationToken)
    {
        CheckMessages(chat);
        string templateField = chat.FieldPrefix + (chat.Template is null ? "messages" : "chat_template");
        try
        {
            ChatTemplate template = chat.Template is { } own ? ChatTemplate.Parse(own) : model.ChatTemplate
                ?? throw new InvalidRequestException(chat.FieldPrefix + "chat_template", "the model has no chat template: send one, or a text as prompt");
            return template.Render(
                new ChatTemplateInput
                {
                    Messages = chat.Messages,
                    Tools = chat.Tools,
                    AddGenerationPrompt = chat.AddGenerationPrompt,
                    BosToken = model.Tokenizer.Config.BosToken,
                    EosToken = model.Tokenizer.Config.EosToken,
                    Variables = chat.Variables,
                    Time = time,
                },
                cancellationToken);
        }
        catch (ChatTemplateException exception)
        {
            throw new InvalidRequestException(templateField, exception.Message);
        }
    }

    private void CheckMessages(ChatPrompt chat)
    {
        string field = chat.FieldPrefix + "messages";
        if (chat.Messages.Count == 0 || chat.Messages.Count > limits.Value.MaxMessages)
        {
            throw new InvalidRequestException(field, $"must have from 1 to {limits.Value.MaxMessages} messages, not {chat.Messages.Count}");
        }

        CheckLength(field, chat.Messages.Sum(m => (long)Encoding.UTF8.GetByteCount(m!["content"]?.GetValue<string>() ?? "")));
    }

    private void CheckLength(string field, long bytes)
    {
        if (bytes > limits.Value.MaxPromptBytes)
        {
            throw new InvalidRequestException(field, $"must have at most {limits.Value.MaxPromptBytes} bytes of UTF-8, not {bytes}");
        }
    }
}
