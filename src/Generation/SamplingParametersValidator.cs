namespace Inference.Generation;

/// <summary>Checks sampling parameters against the ranges of protos/inference/v1/generation.proto.</summary>
public static class SamplingParametersValidator
{
    /// <summary>Stop texts of a request, at most.</summary>
    public const int MaxStopTexts = 16;

    /// <summary>Characters of a stop text, at most.</summary>
    public const int MaxStopTextLength = 256;

    /// <summary>Entries of the logit bias, at most.</summary>
    public const int MaxLogitBiasEntries = 1024;

    /// <summary>Stop tokens of a request, at most.</summary>
    public const int MaxStopTokens = 1024;

    /// <summary>Answers of a request, at most.</summary>
    public const int MaxAnswers = 16;

    /// <summary>Best tokens returned beside the chosen one, at most.</summary>
    public const int MaxLogprobs = 20;

    /// <summary>All faults, each with field ("sampling.top_p"), limit and value; empty where there are none.</summary>
    public static IReadOnlyList<FieldViolation> Validate(SamplingParameters sampling, int vocabularySize)
    {
        List<FieldViolation> found = [];
        Within("temperature", sampling.Temperature, 0, 2);
        Within("top_k", sampling.TopK, 0, int.MaxValue);
        AboveZero("top_p", sampling.TopP, 1);
        Within("min_p", sampling.MinP, 0, 1);
        AboveZero("typical_p", sampling.TypicalP, 1);
        AboveZero("repetition_penalty", sampling.RepetitionPenalty, 10);
        Within("presence_penalty", sampling.PresencePenalty, -2, 2);
        Within("frequency_penalty", sampling.FrequencyPenalty, -2, 2);
        Within("n", sampling.N, 1, MaxAnswers);
        Within("max_tokens", sampling.MaxTokens ?? 1, 1, int.MaxValue);
        Within("min_tokens", sampling.MinTokens, 0, sampling.MaxTokens ?? int.MaxValue);
        Within("logprobs", sampling.Logprobs ?? 0, 0, MaxLogprobs);
        CheckLogitBias();
        CheckStops();
        return found;

        void Within(string field, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
                Add(field, $"must be from {least} to {most}, not {value}");
        }

        void AboveZero(string field, double value, double most)
        {
            if (!(value > 0 && value <= most))
                Add(field, $"must be greater than 0 and at most {most}, not {value}");
        }

        void CheckLogitBias()
        {
            if (sampling.LogitBias.Count > MaxLogitBiasEntries)
                Add("logit_bias", $"must have at most {MaxLogitBiasEntries} entries, not {sampling.LogitBias.Count}");
            foreach ((int token, float bias) in sampling.LogitBias.Take(MaxLogitBiasEntries))
            {
                CheckToken("logit_bias", token);
                Within($"logit_bias[{token}]", bias, -100, 100);
            }
        }

        void CheckStops()
        {
            if (sampling.Stop.Count > MaxStopTexts)
                Add("stop", $"must have at most {MaxStopTexts} texts, not {sampling.Stop.Count}");
            for (int i = 0; i < Math.Min(sampling.Stop.Count, MaxStopTexts); i++)
            {
                if (sampling.Stop[i].Length is 0 or > MaxStopTextLength)
                    Add($"stop[{i}]", $"must have from 1 to {MaxStopTextLength} characters, not {sampling.Stop[i].Length}");
            }

            if (sampling.StopTokenIds.Count > MaxStopTokens)
                Add("stop_token_ids", $"must have at most {MaxStopTokens} tokens, not {sampling.StopTokenIds.Count}");
            foreach (int token in sampling.StopTokenIds.Take(MaxStopTokens))
                CheckToken("stop_token_ids", token);
        }

        void CheckToken(string field, int token)
        {
            if ((uint)token >= (uint)vocabularySize)
                Add(field, $"token ids are from 0 to {vocabularySize - 1}, not {token}");
        }

        void Add(string field, string description) => found.Add(new FieldViolation("sampling." + field, description));
    }
}
