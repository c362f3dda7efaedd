using System.Text;
using Inference.TestSupport;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests.Datasets;

/// <summary>The demo model's vocabulary and template, and what reads files with them.</summary>
internal static class DemoTokens
{
    public static readonly DateTimeOffset Day = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    public static Tokenizer Tokenizer { get; } = Tokenizer.FromDirectory(Path.Combine(SharedData.RepositoryRoot, "models", "demo"));

    public static ChatTemplate Template { get; } = ChatTemplate.Parse(Tokenizer.Config.ChatTemplate!);

    public static DatasetReport Read(
        string lines, FineTuningMethod method = FineTuningMethod.Supervised, int maxTokens = 1024, DatasetOptions? options = null, Action<TokenizedRecord>? take = null) =>
        new DatasetReader(new ExampleTokenizer(Tokenizer, Template, maxTokens, Day), method, options ?? new())
            .Read(new MemoryStream(Encoding.UTF8.GetBytes(lines)), take);

    /// <summary>The texts of the tokens that are learned, in order, joined where they touch.</summary>
    public static string[] Learned(IReadOnlyList<int> tokens, IReadOnlyList<float> weights, Tokenizer? tokenizer = null)
    {
        List<List<int>> runs = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (weights[i] > 0)
            {
                if (i == 0 || weights[i - 1] != weights[i])
                {
                    runs.Add([]);
                }

                runs[^1].Add(tokens[i]);
            }
        }

        return [.. runs.Select(r => (tokenizer ?? Tokenizer).Decode([.. r], skipSpecialTokens: false))];
    }
}
