using Microsoft.Win32.SafeHandles;

namespace Inference.Speech.Audio.Mp3;

/// <summary>An encoder of LAME.</summary>
internal sealed class Mp3EncoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => Mp3Library.Destroy(handle) == 0;
}
