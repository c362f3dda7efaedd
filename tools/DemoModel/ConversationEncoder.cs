using Inference.DemoModel.Corpus;
using Inference.Text.Tokenizers;
using Inference.Training.Data;

namespace Inference.DemoModel;

/// <summary>Conversations as ChatML tokens, as the chat template in tokenizer_config.json renders them; the loss is on the assistant's words.</summary>
internal sealed class ConversationEncoder
{
    private readonly Tokenizer _tokenizer;
    private readonly int _start, _end;
    private readonly int[] _newLine;

    public ConversationEncoder(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _start = Id(DemoTokenizer.Start);
        _end = Id(DemoTokenizer.End);
        _newLine = Encode("\n");
    }

    /// <summary>The token that ends a turn.</summary>
    public int EndToken => _end;

    /// <summary>The whole conversation; the assistant's words and the ends of its turns weigh 1.</summary>
    public TrainingExample Example(IReadOnlyList<Message> messages)
    {
        List<int> tokens = [];
        List<float> weights = [];
        foreach (Message message in messages)
        {
            AppendHeader(tokens, message.Role);
            weights.AddRange(Enumerable.Repeat(0f, tokens.Count - weights.Count));
            tokens.AddRange(Encode(message.Content));
            tokens.Add(_end);
            weights.AddRange(Enumerable.Repeat(message.Role == "assistant" ? 1f : 0f, tokens.Count - weights.Count));
            tokens.AddRange(_newLine);
        }

        int count = tokens.Count - _newLine.Length;
        weights.AddRange(Enumerable.Repeat(0f, tokens.Count - weights.Count));
        return new TrainingExample([.. tokens[..count]], [.. weights[..count]]);
    }

    /// <summary>The conversation so far and the header of the assistant's turn.</summary>
    public int[] Prompt(IReadOnlyList<Message> messages)
    {
        List<int> tokens = [];
        foreach (Message message in messages)
        {
            AppendHeader(tokens, message.Role);
            tokens.AddRange([.. Encode(message.Content), _end, .. _newLine]);
        }

        AppendHeader(tokens, "assistant");
        return [.. tokens];
    }

    private void AppendHeader(List<int> tokens, string role)
    {
        tokens.Add(_start);
        tokens.AddRange(Encode(role + "\n"));
    }

    private int[] Encode(string text) => _tokenizer.Encode(text, addSpecialTokens: false, parseSpecial: false);

    private int Id(string token) => _tokenizer.IdOf(token) ?? throw new InvalidDataException($"the tokenizer has no {token}");
}
