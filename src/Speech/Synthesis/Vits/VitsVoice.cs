using Inference.Models.Weights;
using Inference.Speech.Synthesis.Espeak;
using Inference.Tensors;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>A loaded network and how its texts are read.</summary>
internal sealed class VitsVoice : IDisposable
{
    private readonly VitsPhonemes? _phonemes;

    public VitsVoice(VitsVoiceOptions options, IBackend backend, EspeakPhonemizer espeak)
    {
        Name = options.Name;
        File = VitsVoiceFile.Read(options.Path);
        Model = Models.Architectures.Vits.Load(options.Path, backend);
        _phonemes = File.EspeakVoice is { } voice ? new VitsPhonemes(espeak, voice) : null;
        int count = Model.Config.VocabularySize;
        int[] wrong = [.. File.Symbols.Values.SelectMany(ids => ids).Concat(File.Begin).Where(id => id < 0 || id >= count)];
        if (wrong.Length > 0)
        {
            Model.Dispose();
            throw new ModelFormatException(options.Path, $"a symbol has the id {wrong[0]}; the network knows 0 to {count - 1}");
        }
    }

    public string Name { get; }

    public VitsVoiceFile File { get; }

    public Models.Architectures.Vits Model { get; }

    /// <summary>The voices that requests can name: one, or one of each speaker; the first one's name is also the network's.</summary>
    public IEnumerable<(SpeechVoice Voice, int Speaker)> Voices()
    {
        yield return (Voice(Name), 0);
        foreach ((string name, int speaker) in File.Speakers.OrderBy(s => s.Value).Where(s => s.Value >= 0 && s.Value < Model.Config.Speakers))
        {
            yield return (Voice($"{Name}:{name}"), speaker);
        }
    }

    /// <summary>The symbols of a text.</summary>
    public async ValueTask<IReadOnlyList<VitsSymbol>> ReadAsync(VitsText text, CancellationToken cancellation)
    {
        if (_phonemes is not null)
        {
            (string phonemes, IReadOnlyList<int> offsets) = await _phonemes.ReadAsync(text, cancellation);
            return VitsSymbols.Of(phonemes, offsets, File);
        }

        // A capital that the voice has is kept; what it does not have is left out before the ends are trimmed.
        (char Character, int Offset)[] known =
        [
            .. text.Text.Select((c, i) => (File.Symbols.ContainsKey(c.ToString()) ? c : char.ToLowerInvariant(c), i)).Where(c => IsKnown(c.Item1)),
        ];
        int first = Array.FindIndex(known, c => c.Character != ' '), last = Array.FindLastIndex(known, c => c.Character != ' ');
        return first < 0 ? [] : VitsSymbols.Of(string.Concat(known[first..(last + 1)].Select(c => c.Character)), [.. known[first..(last + 1)].Select(c => c.Offset)], File);
    }

    public void Dispose() => Model.Dispose();

    private bool IsKnown(char character) => File.Decomposes || char.IsSurrogate(character) || File.Symbols.ContainsKey(character.ToString());

    private SpeechVoice Voice(string name) => new(name, VitsLanguage.Tag(File.Language), File.SampleRate);
}
