using Inference.Contracts.V1;

namespace Inference.EndToEnd.Tests;

/// <summary>Short ways to write requests and to read answers.</summary>
internal static class Generations
{
    /// <summary>A greedy request for tokens after a prompt of token ids.</summary>
    public static GenerateRequest Greedy(int maxTokens, params IEnumerable<uint> prompt)
    {
        GenerateRequest request = new()
        {
            Tokens = new TokenIds(),
            Sampling = new SamplingParameters { Temperature = 0, MaxTokens = maxTokens },
        };
        request.Tokens.Ids.AddRange(prompt);
        return request;
    }

    /// <summary>A request for text, of answers that end only at the context's end.</summary>
    public static GenerateRequest Long(int answers = 1) => new()
    {
        Text = "Once upon a time",
        Sampling = new SamplingParameters { Temperature = 1, Seed = 7, IgnoreEos = true, N = answers },
    };

    /// <summary>Text of the first answer.</summary>
    public static string Text(this IEnumerable<GenerateResponse> responses, int index = 0) =>
        string.Concat(responses.SelectMany(r => r.Deltas).Where(d => d.Index == index).Select(d => d.Text));

    /// <summary>Tokens of the first answer.</summary>
    public static uint[] Tokens(this IEnumerable<GenerateResponse> responses) =>
        [.. responses.SelectMany(r => r.Deltas).Where(d => d.Index == 0).SelectMany(d => d.TokenIds)];
}
