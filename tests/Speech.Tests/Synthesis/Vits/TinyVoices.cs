using System.Text.Json;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Speech.Synthesis.Vits;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Tests.Synthesis.Vits;

/// <summary>Voices of some kilobytes with random weights, in both layouts. They hum, but at the right times.</summary>
internal static class TinyVoices
{
    public const int Rate = 16_000, FrameLength = 256;

    /// <summary>Characters of MMS's vocabularies; 0 is the blank.</summary>
    private const string Characters = "_' abcdefghijklmnopqrstuvwxyz";

    public static VitsConfig Config(int symbols, int speakers = 1) => new()
    {
        VocabularySize = symbols,
        HiddenSize = 16,
        Layers = 1,
        Heads = 2,
        Window = 4,
        IntermediateSize = 16,
        FeedForwardTaps = 3,
        FlowSize = 8,
        Flows = 2,
        WaveNetLayers = 2,
        WaveNetTaps = 5,
        Durations = new VitsDurationConfig { IsStochastic = false, Taps = 3, Channels = 8 },
        Vocoder = new VitsVocoderConfig
        {
            Channels = 16,
            Rates = [16, 16],
            UpsampleTaps = [32, 32],
            BlockTaps = [3],
            BlockDilations = [[1, 3]],
            HasPairs = false,
        },
        Speakers = speakers,
        SpeakerSize = speakers > 1 ? 4 : 0,
    };

    /// <summary>A directory as MMS's.</summary>
    public static VitsVoiceOptions WriteMms(string directory, string name = "tiny-mms", string language = "eng")
    {
        RandomVits.WriteHuggingFace(directory, Config(Characters.Length), DType.F32, 1, Rate);
        Write(Path.Combine(directory, "vocab.json"), Characters.Select((c, i) => (c, i)).ToDictionary(p => p.c.ToString(), p => p.i));
        Write(Path.Combine(directory, "tokenizer_config.json"), new { add_blank = true, is_uroman = false, language, normalize = true, phonemize = false });
        return new VitsVoiceOptions(name, directory);
    }

    /// <summary>A Piper voice: `.onnx` and `.onnx.json`.</summary>
    public static VitsVoiceOptions WritePiper(string directory, string espeakVoice, string symbols, string name = "tiny-piper", int speakers = 1)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, name + ".onnx"), all = "_^$" + symbols;
        RandomVits.WritePiper(path, Config(all.Length, speakers), 2);
        Write(path + ".json", new
        {
            audio = new { sample_rate = Rate },
            espeak = new { voice = espeakVoice },
            language = new { code = espeakVoice.Replace('-', '_') },
            inference = new { noise_scale = 0.667, length_scale = 1.2, noise_w = 0.8 },
            phoneme_type = "espeak",
            phoneme_id_map = all.Select((c, i) => (c, i)).ToDictionary(p => p.c.ToString(), p => (int[])[p.i]),
            num_speakers = speakers,
            speaker_id_map = Enumerable.Range(0, speakers > 1 ? speakers : 0).ToDictionary(i => $"speaker{i}"),
        });
        return new VitsVoiceOptions(name, path);
    }

    public static VitsSynthesizer Load(params VitsVoiceOptions[] voices) =>
        VitsSynthesizer.Load(voices, new CpuBackend(2), new VitsOptions(), TimeProvider.System);

    public static void Write(string path, object json) => File.WriteAllText(path, JsonSerializer.Serialize(json));
}
