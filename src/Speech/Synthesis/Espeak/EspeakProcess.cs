using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Inference.Speech.Synthesis.Espeak;

/// <summary>A worker process. One request at a time; after a failure it is of no more use. Text reaches it through a pipe only, never a shell.</summary>
internal sealed class EspeakProcess : IDisposable
{
    private const string Worker = "Inference.EspeakWorker.dll";

    // What a sentence of the longest length at the slowest speed can take, twice.
    private const int MaxSamples = 22050 * 600;

    private readonly Process _process;
    private readonly BinaryReader _output;
    private readonly BinaryWriter _input;

    public EspeakProcess()
    {
        ProcessStartInfo start = Start();
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _output = new BinaryReader(new BufferedStream(_process.StandardOutput.BaseStream, 1 << 16), Encoding.UTF8);
        _input = new BinaryWriter(new BufferedStream(_process.StandardInput.BaseStream), Encoding.UTF8);
    }

    /// <summary>Identifiers and languages of the installed voices.</summary>
    public IReadOnlyList<(string Identifier, string Language)> Voices()
    {
        _input.Write('L');
        _input.Flush();
        List<(string, string)> voices = [];
        while (Next() == 'V') voices.Add((_output.ReadString(), _output.ReadString()));
        return voices;
    }

    /// <summary>Speaks one sentence. Word positions are code points of the text.</summary>
    public EspeakAudio Speak(EspeakText text)
    {
        _input.Write('S');
        _input.Write(text.Voice);
        _input.Write(text.Rate);
        _input.Write(text.Pitch);
        _input.Write(text.Volume);
        _input.Write(text.HasEndPause);
        _input.Write(text.Text);
        _input.Flush();
        List<float> samples = [];
        List<EspeakWord> words = [];
        int rate = 0;
        while (true)
        {
            switch (Next())
            {
                case 'R':
                    rate = _output.ReadInt32();
                    break;
                case 'A':
                    Append(samples, _output.ReadBytes(_output.ReadInt32() * sizeof(short)));
                    break;
                case 'W':
                    words.Add(new EspeakWord(_output.ReadInt32(), _output.ReadInt32(), _output.ReadInt32()));
                    break;
                default:
                    return new EspeakAudio(rate, [.. samples], words);
            }
        }
    }

    /// <summary>IPA of each clause, and the end of its text in UTF-16 code units.</summary>
    public IReadOnlyList<(string Phonemes, int End)> Phonemes(string voice, string text)
    {
        _input.Write('P');
        _input.Write(voice);
        _input.Write(text);
        _input.Flush();
        List<(string, int)> clauses = [];
        while (Next() == 'C') clauses.Add((_output.ReadString(), _output.ReadInt32()));
        return clauses;
    }

    /// <summary>Ends the process at once; a read in progress fails.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private char Next()
    {
        char kind = _output.ReadChar();
        return kind == 'X' ? throw new InvalidOperationException(_output.ReadString()) : kind;
    }

    private static void Append(List<float> samples, byte[] bytes)
    {
        foreach (short sample in MemoryMarshal.Cast<byte, short>(bytes)) samples.Add(sample / 32768f);
        if (samples.Count > MaxSamples) throw new InvalidOperationException($"espeak-ng spoke more than {MaxSamples} samples for one sentence");
    }

    // By the runtime that runs us: its own executable where that lies beside us, else the `dotnet` that it belongs to, also when the host was
    // started by its own executable.
    private static ProcessStartInfo Start()
    {
        string worker = Path.Combine(AppContext.BaseDirectory, Worker), runtime = Path.GetFullPath(RuntimeEnvironment.GetRuntimeDirectory());
        if (Path.TrimEndingDirectorySeparator(runtime) == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        {
            return new ProcessStartInfo(Path.ChangeExtension(worker, null));
        }

        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        return new ProcessStartInfo(File.Exists(dotnet) ? dotnet : "dotnet", [worker]);
    }
}
