using System.Runtime.InteropServices;

namespace Inference.EspeakWorker;

/// <summary>speak_lib.h 1.51. Errors are non-zero, unless said otherwise.</summary>
internal static class NativeMethods
{
    private const string Library = "libespeak-ng.so.1";

    public delegate int SynthCallback(nint samples, int count, nint events);

    /// <summary>Returns the sample rate, or -1.</summary>
    [DllImport(Library, EntryPoint = "espeak_Initialize")]
    public static extern int Initialize(int output, int bufferMilliseconds, nint path, int options);

    [DllImport(Library, EntryPoint = "espeak_SetSynthCallback")]
    public static extern void SetSynthCallback(nint callback);

    [DllImport(Library, EntryPoint = "espeak_SetVoiceByName")]
    public static extern int SetVoiceByName(byte[] name);

    [DllImport(Library, EntryPoint = "espeak_SetParameter")]
    public static extern int SetParameter(int parameter, int value, int relative);

    [DllImport(Library, EntryPoint = "espeak_Synth")]
    public static extern int Synth(byte[] text, nuint size, uint position, int positionType, uint endPosition, uint flags, nint identifier, nint userData);

    /// <summary>A list of pointers to voices that ends with null.</summary>
    [DllImport(Library, EntryPoint = "espeak_ListVoices")]
    public static extern nint ListVoices(nint filter);

    /// <summary>The phonemes of one clause; moves the text's pointer on, to null at its end.</summary>
    [DllImport(Library, EntryPoint = "espeak_TextToPhonemes")]
    public static extern nint TextToPhonemes(ref nint text, int textMode, int phonemeMode);
}
