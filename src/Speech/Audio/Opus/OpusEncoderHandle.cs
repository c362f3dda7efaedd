using Microsoft.Win32.SafeHandles;

namespace Inference.Speech.Audio.Opus;

/// <summary>An encoder of libopus.</summary>
internal sealed class OpusEncoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        OpusLibrary.DestroyEncoder(handle);
        return true;
    }
}
