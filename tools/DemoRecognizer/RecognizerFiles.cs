using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Training;
using Inference.Training.Speech;

namespace Inference.DemoRecognizer;

/// <summary>The demo recogniser's shape and files.</summary>
internal static class RecognizerFiles
{
    public const int VocabularySize = 640;

    public static WhisperConfig Config(int vocabularySize) => new()
    {
        MelCount = 80,
        HiddenSize = 128,
        EncoderLayers = 4,
        EncoderHeads = 4,
        EncoderIntermediateSize = 512,
        DecoderLayers = 2,
        DecoderHeads = 4,
        DecoderIntermediateSize = 512,
        VocabularySize = vocabularySize,
        AudioContext = 400,
        TextContext = 64,
        VariableAudioLength = true,
    };

    /// <summary>Writes or replaces the model's files.</summary>
    public static void Write(string directory, WhisperConfig config, RecognizerVocabulary vocabulary, ParameterSet parameters)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "tokenizer.json"), vocabulary.Json);
        WhisperFiles.WriteConfig(
            directory, config, vocabulary.Special("<|startoftranscript|>"), vocabulary.Special("<|endoftext|>"), DType.F16);
        WhisperExport.Write(directory, config, parameters, DType.F16);
    }
}
