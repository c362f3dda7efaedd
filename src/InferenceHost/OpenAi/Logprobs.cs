using System.Text;
using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Log-probabilities in OpenAI's two forms.</summary>
internal static class Logprobs
{
    // JSON has no infinities; OpenAI writes this for "as good as impossible".
    private const float Impossible = -9999;

    /// <summary>The chat form; null where there are none.</summary>
    public static ChatLogprobs? Chat(IReadOnlyList<TokenLogprob> tokens) =>
        tokens.Count == 0 ? null : new ChatLogprobs([.. tokens.Select(t => Chat(t) with { TopLogprobs = [.. t.Top.Select(Chat)] })]);

    /// <summary>The form of text completions; null where there are none.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="offset">Characters of the answer before them; moved past them.</param>
    public static CompletionLogprobs? Completion(IReadOnlyList<TokenLogprob> tokens, ref int offset)
    {
        if (tokens.Count == 0)
        {
            return null;
        }

        List<int> offsets = [];
        foreach (TokenLogprob token in tokens)
        {
            offsets.Add(offset);
            offset += Text(token).Length;
        }

        return new CompletionLogprobs(
            [.. tokens.Select(Text)],
            [.. tokens.Select(t => float.IsNaN(t.Logprob) ? (float?)null : Finite(t.Logprob))],
            [.. tokens.Select(t => float.IsNaN(t.Logprob) ? null : Best(t))],
            offsets);
    }

    private static ChatTokenLogprob Chat(TokenLogprob token) => new(Text(token), Finite(token.Logprob), [.. token.Bytes.Select(b => (int)b)], null);

    // Two tokens may have the same text, as parts of characters do; the better one stays.
    private static Dictionary<string, float> Best(TokenLogprob token)
    {
        Dictionary<string, float> best = [];
        foreach (TokenLogprob top in token.Top.Append(token))
        {
            best.TryAdd(Text(top), Finite(top.Logprob));
        }

        return best;
    }

    private static string Text(TokenLogprob token) => Encoding.UTF8.GetString(token.Bytes);

    private static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : Impossible;
}
