using System.Runtime.InteropServices;

namespace Inference.Generation.Sampling;

/// <summary>
/// Chooses the tokens of one answer. Order: logit bias, penalties, temperature, top-k, typical, top-p, min-p.
/// A choice depends on the logits, the tokens so far, the seed, the answer's index and the token's place in it; on nothing else.
/// </summary>
internal sealed class TokenSampler
{
    private readonly SamplingParameters _parameters;
    private readonly long _seed;
    private readonly int _answer;
    private readonly HashSet<int> _prompt;
    private readonly int[] _stopTokens;
    private readonly Dictionary<int, int> _counts = [];
    private int _position;

    /// <param name="parameters">Valid parameters.</param>
    /// <param name="seed">Seed of the request.</param>
    /// <param name="answer">Index of the answer.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="stopTokens">Tokens that end the answer, masked before min_tokens.</param>
    public TokenSampler(SamplingParameters parameters, long seed, int answer, IReadOnlyList<int> prompt, IReadOnlyCollection<int> stopTokens)
    {
        _parameters = parameters;
        _seed = seed;
        _answer = answer;
        _prompt = parameters.RepetitionPenalty == 1 ? [] : [.. prompt];
        _stopTokens = [.. stopTokens];
    }

    /// <summary>Chooses the next token and counts it.</summary>
    /// <param name="logits">One row, as wide as the vocabulary; not changed.</param>
    /// <param name="scratch">Buffers of the same width.</param>
    /// <exception cref="GenerationFailedException">The logits are not all finite.</exception>
    public TokenChoice Next(ReadOnlySpan<float> logits, SamplingScratch scratch)
    {
        float max = LogitMath.MaxIfFinite(logits);
        if (float.IsNaN(max))
            throw new GenerationFailedException($"the model gave logits that are not finite at token {_position} of answer {_answer}");
        int token = Choose(logits, max, _position, scratch);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
        _position++;
        return _parameters.Logprobs is int top ? Logprobs.Of(logits, token, top, scratch.Logits) : new TokenChoice(token, float.NaN, []);
    }

    /// <summary>What <see cref="Next"/> would choose from another model's logits for a token further ahead, with its random number; tokens between are not counted.</summary>
    public int Guess(ReadOnlySpan<float> logits, int ahead, SamplingScratch scratch) =>
        LogitMath.Max(logits) is var max && float.IsFinite(max) ? Choose(logits, max, _position + ahead, scratch) : 0;

    private int Choose(ReadOnlySpan<float> logits, float max, int position, SamplingScratch scratch)
    {
        ReadOnlySpan<float> adjusted = logits;
        if (Adjusts(position))
        {
            logits.CopyTo(scratch.Logits);
            Adjust(scratch.Logits, position);
            adjusted = scratch.Logits;
            max = LogitMath.Max(adjusted);
        }

        return _parameters.Temperature == 0 ? LogitMath.IndexOf(adjusted, max) : Draw(adjusted, max, position, scratch.Candidates);
    }

    private bool Adjusts(int position) =>
        _parameters.LogitBias.Count > 0 || _parameters.RepetitionPenalty != 1 || _parameters.PresencePenalty != 0
        || _parameters.FrequencyPenalty != 0 || position < _parameters.MinTokens;

    private void Adjust(Span<float> logits, int position)
    {
        foreach ((int token, float bias) in _parameters.LogitBias)
            logits[token] += bias;
        if (_parameters.RepetitionPenalty != 1)
        {
            foreach (int token in _prompt)
                Repeat(logits, token);
            foreach (int token in _counts.Keys.Where(t => !_prompt.Contains(t)))
                Repeat(logits, token);
        }

        if (_parameters.PresencePenalty != 0 || _parameters.FrequencyPenalty != 0)
        {
            foreach ((int token, int count) in _counts)
                logits[token] -= _parameters.PresencePenalty + (_parameters.FrequencyPenalty * count);
        }

        if (position < _parameters.MinTokens)
        {
            foreach (int token in _stopTokens)
                logits[token] = float.NegativeInfinity;
        }
    }

    // Bounded, for a tiny penalty would make infinities.
    private void Repeat(Span<float> logits, int token) =>
        logits[token] = Math.Clamp(logits[token] > 0 ? logits[token] / _parameters.RepetitionPenalty : logits[token] * _parameters.RepetitionPenalty, -1e30f, 1e30f);

    private int Draw(ReadOnlySpan<float> logits, float max, int position, Candidates candidates)
    {
        if (_parameters.TopK > 0 && _parameters.TopK < logits.Length)
            candidates.ResetToBest(logits, max, _parameters.Temperature, _parameters.TopK);
        else
            candidates.Reset(logits, max, _parameters.Temperature);
        candidates.KeepTypical(_parameters.TypicalP);
        candidates.KeepTopP(_parameters.TopP);
        candidates.KeepMinP(_parameters.MinP);
        return candidates.Draw(Philox.Uniform(_seed, _answer, position));
    }
}
