using System.Runtime.InteropServices;

namespace Inference.EspeakWorker;

/// <summary>The first fields of espeak_VOICE of speak_lib.h 1.51.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EspeakVoice
{
    public nint Name;
    public nint Languages;
    public nint Identifier;
}
