namespace Inference.Text.Tokenizers.Formats;

/// <summary>Reads the tokenizer's files from a model's directory.</summary>
internal static class TokenizerDirectory
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const long MaxFileBytes = 256L << 20;

    public static Tokenizer Read(string path)
    {
        byte[] tokenizer = ReadFile(Path.Combine(path, "tokenizer.json"))
            ?? throw new TokenizerFormatException($"{path} has no tokenizer.json");
        TokenizerConfig config = ReadFile(Path.Combine(path, "tokenizer_config.json")) is { } json ? TokenizerConfigJson.Read(json) : new();
        if (ReadFile(Path.Combine(path, "chat_template.jinja")) is { } template)
        {
            string source = System.Text.Encoding.UTF8.GetString(template);
            config = config with { ChatTemplate = source, ChatTemplates = new Dictionary<string, string>(config.ChatTemplates) { ["default"] = source } };
        }

        return new Tokenizer(TokenizerJson.Read(tokenizer, config));
    }

    private static byte[]? ReadFile(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists) return null;
        return file.Length <= MaxFileBytes
            ? File.ReadAllBytes(path)
            : throw new TokenizerFormatException($"{file.Name} has {file.Length} bytes, the limit is {MaxFileBytes}");
    }
}
