using System.Runtime.InteropServices;

namespace Inference.EspeakWorker;

/// <summary>espeak_EVENT of speak_lib.h 1.51.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EspeakEvent
{
    public const int ListTerminated = 0, Word = 1;

    public int Type;
    public uint Identifier;
    public int TextPosition;
    public int Length;
    public int AudioMilliseconds;
    public int Sample;
    public nint UserData;
    public nint Id;
}
