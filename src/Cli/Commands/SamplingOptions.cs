using System.CommandLine;
using Inference.Contracts.V1;

namespace Inference.Cli.Commands;

/// <summary>The options that choose how tokens are sampled; what is not given is left to the model's defaults.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<float?> _temperature = new("--temperature", "-t") { Description = "0 is greedy." };
    private readonly Option<int?> _topK = new("--top-k") { Description = "Choose among the best k tokens." };
    private readonly Option<float?> _topP = new("--top-p") { Description = "Choose among the smallest set of this probability." };
    private readonly Option<float?> _minP = new("--min-p") { Description = "Least probability relative to the best token's." };
    private readonly Option<float?> _repetitionPenalty = new("--repetition-penalty") { Description = "Above 1 discourages repetition." };
    private readonly Option<long?> _seed = new("--seed") { Description = "Same seed, same answer." };
    private readonly Option<int?> _maxTokens = new("--max-tokens", "-n") { Description = "Most tokens to generate." };
    private readonly Option<string[]> _stop = new("--stop") { Description = "Text that ends the answer; may be repeated." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_temperature, _topK, _topP, _minP, _repetitionPenalty, _seed, _maxTokens, _stop])
        {
            command.Add(option);
        }
    }

    public SamplingParameters Read(ParseResult result)
    {
        SamplingParameters sampling = new();
        Set<float>(result.GetValue(_temperature), v => sampling.Temperature = v);
        Set<int>(result.GetValue(_topK), v => sampling.TopK = v);
        Set<float>(result.GetValue(_topP), v => sampling.TopP = v);
        Set<float>(result.GetValue(_minP), v => sampling.MinP = v);
        Set<float>(result.GetValue(_repetitionPenalty), v => sampling.RepetitionPenalty = v);
        Set<long>(result.GetValue(_seed), v => sampling.Seed = v);
        Set<int>(result.GetValue(_maxTokens), v => sampling.MaxTokens = v);
        sampling.Stop.AddRange(result.GetValue(_stop) ?? []);
        return sampling;
    }

    private static void Set<T>(T? value, Action<T> assign)
        where T : struct
    {
        if (value is { } given)
        {
            assign(given);
        }
    }
}
