namespace Inference.Training.Tokenizers;

/// <summary>GPT-2's printable character for each byte: itself where it prints, else U+0100 onwards.</summary>
internal static class ByteAlphabet
{
    private static readonly string[] Characters = Create();

    /// <summary>The character of <paramref name="value"/>, as a string.</summary>
    public static string Of(byte value) => Characters[value];

    private static string[] Create()
    {
        string[] characters = new string[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool prints = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = ((char)(prints ? value : next++)).ToString();
        }

        return characters;
    }
}
