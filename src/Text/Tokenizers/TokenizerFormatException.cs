namespace Inference.Text.Tokenizers;

/// <summary>A tokenizer file or its metadata cannot be used; the message names the field, what was found and what is allowed.</summary>
public sealed class TokenizerFormatException : Exception
{
    public TokenizerFormatException(string message)
        : base(message)
    {
    }

    public TokenizerFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
