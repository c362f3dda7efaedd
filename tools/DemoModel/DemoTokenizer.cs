using Inference.DemoModel.Corpus;
using Inference.Training.Tokenizers;

namespace Inference.DemoModel;

/// <summary>The demo model's vocabulary, trained on the corpus.</summary>
internal static class DemoTokenizer
{
    public const string Start = "<|im_start|>";
    public const string End = "<|im_end|>";
    public const string EndOfText = "<|endoftext|>";

    private const int SampleConversations = 20_000;

    /// <summary>Trains on the first conversations of the stream.</summary>
    public static BpeVocabulary Train(DemoCorpus corpus, int seed, int size)
    {
        IEnumerable<string> texts = Enumerable.Range(0, SampleConversations)
            .SelectMany(i => corpus.Conversation(seed, i))
            .SelectMany(m => (string[])[m.Role + "\n", m.Content]);
        return ByteLevelBpeTrainer.Train(texts, size, [EndOfText, Start, End]);
    }
}
