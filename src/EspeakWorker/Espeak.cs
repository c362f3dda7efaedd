using System.Runtime.InteropServices;
using System.Text;

namespace Inference.EspeakWorker;

/// <summary>
/// libespeak-ng, synchronous. Replies to Speak: R rate; then A count samples (s16) and W position length sample, as they come; then E.
/// Positions count the code points of the text from 0, samples from the text's beginning.
/// </summary>
internal sealed class Espeak
{
    private const int SynchronousOutput = 2, DoNotExit = 0x8000, BufferMilliseconds = 100;
    private const int RateParameter = 1, VolumeParameter = 2, PitchParameter = 3;
    private const uint Utf8 = 1, InlinePhonemes = 0x100, EndPause = 0x1000;
    private const int IpaMode = 2;

    private static readonly int EventSize = Marshal.SizeOf<EspeakEvent>();

    private readonly BinaryWriter _output;
    private readonly int _sampleRate;

    // Held here so that the collector leaves it alone: the library keeps its address.
    private readonly NativeMethods.SynthCallback _callback;
    private byte[] _samples = [];

    public Espeak(BinaryWriter output)
    {
        _output = output;
        _sampleRate = NativeMethods.Initialize(SynchronousOutput, BufferMilliseconds, 0, DoNotExit);
        if (_sampleRate <= 0) throw new EspeakException("espeak-ng's data were not found");
        _callback = OnAudio;
        NativeMethods.SetSynthCallback(Marshal.GetFunctionPointerForDelegate(_callback));
    }

    /// <summary>Replies V identifier language for each voice, then E.</summary>
    public void ListVoices()
    {
        nint list = NativeMethods.ListVoices(0);
        for (nint voice = Marshal.ReadIntPtr(list); voice != 0; voice = Marshal.ReadIntPtr(list))
        {
            EspeakVoice fields = Marshal.PtrToStructure<EspeakVoice>(voice);
            _output.Write('V');
            _output.Write(Marshal.PtrToStringUTF8(fields.Identifier) ?? "");
            // A priority in one byte goes before the language.
            _output.Write(Marshal.PtrToStringUTF8(fields.Languages + 1) ?? "");
            list += IntPtr.Size;
        }

        _output.Write('E');
    }

    /// <summary>Rate in words a minute, pitch 0 to 99 (50 is the voice's own), volume 0 to 200 (100).</summary>
    public void Speak(string voice, int rate, int pitch, int volume, bool hasEndPause, string text)
    {
        SetVoice(voice);
        Check(NativeMethods.SetParameter(RateParameter, rate, 0), "rate");
        Check(NativeMethods.SetParameter(PitchParameter, pitch, 0), "pitch");
        Check(NativeMethods.SetParameter(VolumeParameter, volume, 0), "volume");
        _output.Write('R');
        _output.Write(_sampleRate);
        byte[] bytes = Terminated(text);
        uint flags = Utf8 | InlinePhonemes | (hasEndPause ? EndPause : 0);
        Check(NativeMethods.Synth(bytes, (nuint)bytes.Length, 0, 1, 0, flags, 0, 0), "synthesis");
        _output.Write('E');
    }

    /// <summary>Replies C phonemes (IPA, words apart by spaces) and the text's code units up to the clause's end, for each clause; then E.</summary>
    public void Phonemes(string voice, string text)
    {
        SetVoice(voice);
        byte[] bytes = Terminated(text);
        GCHandle pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        try
        {
            nint start = pin.AddrOfPinnedObject();
            for (nint next = start; next != 0;)
            {
                string phonemes = Marshal.PtrToStringUTF8(NativeMethods.TextToPhonemes(ref next, (int)Utf8, IpaMode)) ?? "";
                int consumed = next == 0 ? bytes.Length - 1 : (int)(next - start);
                _output.Write('C');
                _output.Write(phonemes);
                _output.Write(Encoding.UTF8.GetCharCount(bytes, 0, consumed));
            }
        }
        finally
        {
            pin.Free();
        }

        _output.Write('E');
    }

    private int OnAudio(nint samples, int count, nint events)
    {
        for (; Marshal.ReadInt32(events) != EspeakEvent.ListTerminated; events += EventSize)
        {
            EspeakEvent happening = Marshal.PtrToStructure<EspeakEvent>(events);
            if (happening.Type != EspeakEvent.Word) continue;
            _output.Write('W');
            _output.Write(happening.TextPosition - 1);
            _output.Write(happening.Length);
            _output.Write(happening.Sample);
        }

        if (samples != 0 && count > 0)
        {
            int length = count * sizeof(short);
            if (_samples.Length < length) _samples = new byte[length];
            Marshal.Copy(samples, _samples, 0, length);
            _output.Write('A');
            _output.Write(count);
            _output.Write(_samples, 0, length);
        }

        return 0;
    }

    private static void SetVoice(string voice) => Check(NativeMethods.SetVoiceByName(Terminated(voice)), $"voice {voice}");

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static void Check(int error, string what)
    {
        if (error != 0) throw new EspeakException($"{what}: espeak-ng's error {error}");
    }
}
