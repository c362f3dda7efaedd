namespace Inference.Generation.Tests;

public class SamplingParametersValidatorTests
{
    public static TheoryData<SamplingParameters, string, string> Faults => new()
    {
        { new() { Temperature = -1 }, "temperature", "must be from 0 to 2, not -1" },
        { new() { Temperature = float.NaN }, "temperature", "must be from 0 to 2, not NaN" },
        { new() { TopK = -1 }, "top_k", "must be from 0 to 2147483647, not -1" },
        { new() { TopP = 0 }, "top_p", "must be greater than 0 and at most 1, not 0" },
        { new() { TopP = 2 }, "top_p", "must be greater than 0 and at most 1, not 2" },
        { new() { MinP = 1.5f }, "min_p", "must be from 0 to 1, not 1.5" },
        { new() { TypicalP = 0 }, "typical_p", "must be greater than 0 and at most 1, not 0" },
        { new() { RepetitionPenalty = 0 }, "repetition_penalty", "must be greater than 0 and at most 10, not 0" },
        { new() { PresencePenalty = 3 }, "presence_penalty", "must be from -2 to 2, not 3" },
        { new() { FrequencyPenalty = -3 }, "frequency_penalty", "must be from -2 to 2, not -3" },
        { new() { N = 0 }, "n", "must be from 1 to 16, not 0" },
        { new() { MaxTokens = 0 }, "max_tokens", "must be from 1 to 2147483647, not 0" },
        { new() { MaxTokens = 3, MinTokens = 4 }, "min_tokens", "must be from 0 to 3, not 4" },
        { new() { Logprobs = 21 }, "logprobs", "must be from 0 to 20, not 21" },
        { new() { LogitBias = new Dictionary<int, float> { [7] = 101 } }, "logit_bias[7]", "must be from -100 to 100, not 101" },
        { new() { LogitBias = new Dictionary<int, float> { [10] = 1 } }, "logit_bias", "token ids are from 0 to 9, not 10" },
        { new() { LogitBias = Enumerable.Range(0, 1025).ToDictionary(i => -i, _ => 0f) }, "logit_bias", "must have at most 1024 entries, not 1025" },
        { new() { Stop = [.. Enumerable.Repeat("x", 1000)] }, "stop", "must have at most 16 texts, not 1000" },
        { new() { Stop = ["a", ""] }, "stop[1]", "must have from 1 to 256 characters, not 0" },
        { new() { Stop = [new string('x', 257)] }, "stop[0]", "must have from 1 to 256 characters, not 257" },
        { new() { StopTokenIds = [-1] }, "stop_token_ids", "token ids are from 0 to 9, not -1" },
        { new() { StopTokenIds = [.. Enumerable.Repeat(1, 1025)] }, "stop_token_ids", "must have at most 1024 tokens, not 1025" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_names_field_limit_and_value(SamplingParameters parameters, string field, string description)
    {
        FieldViolation first = SamplingParametersValidator.Validate(parameters, 10)[0];

        Assert.Equal(("sampling." + field, description), (first.Field, first.Description));
    }

    [Fact]
    public void The_defaults_and_the_limits_themselves_are_valid()
    {
        Assert.Empty(SamplingParametersValidator.Validate(new SamplingParameters(), 10));
        Assert.Empty(SamplingParametersValidator.Validate(
            new SamplingParameters
            {
                Temperature = 2,
                TopP = 1,
                MinP = 1,
                RepetitionPenalty = 10,
                PresencePenalty = -2,
                FrequencyPenalty = 2,
                N = 16,
                MaxTokens = 1,
                MinTokens = 1,
                Logprobs = 20,
                Stop = [new string('x', 256)],
                StopTokenIds = [0, 9],
                LogitBias = new Dictionary<int, float> { [9] = 100 },
            },
            10));
    }
}
