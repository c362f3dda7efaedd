namespace Inference.Speech.Recognition;

/// <summary>The languages of OpenAI's models, in the order of their tokens; the last came with large-v3.</summary>
internal static class WhisperLanguages
{
    /// <summary>ISO 639-1 codes, or 639-3 where there is none.</summary>
    public static IReadOnlyList<string> Codes { get; } =
        ("en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr az "
        + "sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg "
        + "as tt haw ln ha ba jw su yue").Split(' ');

    /// <summary>Languages that write without spaces between words.</summary>
    public static bool HasNoSpaces(string code) => code is "zh" or "ja" or "th" or "lo" or "my" or "yue";
}
