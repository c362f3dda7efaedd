using System.Text;
using Inference.Contracts.V1;

namespace Inference.ClientLib;

/// <summary>Puts the messages of a generation together.</summary>
internal sealed class GenerationCollector
{
    private readonly SortedDictionary<int, Answer> _answers = [];
    private string _requestId = "";
    private string _model = "";
    private Usage _usage = new();
    private Timing _timing = new();

    public void Add(GenerateResponse response)
    {
        _requestId = response.RequestId.Length > 0 ? response.RequestId : _requestId;
        _model = response.Model.Length > 0 ? response.Model : _model;
        _usage = response.Usage ?? _usage;
        _timing = response.Timing ?? _timing;
        foreach (Delta delta in response.Deltas)
        {
            if (!_answers.TryGetValue(delta.Index, out Answer? answer))
            {
                _answers[delta.Index] = answer = new Answer();
            }

            answer.Text.Append(delta.Text);
            answer.TokenIds.AddRange(delta.TokenIds);
            answer.Logprobs.AddRange(delta.Logprobs);
            if (delta.FinishReason != FinishReason.Unspecified)
            {
                answer.FinishReason = delta.FinishReason;
                answer.StopText = delta.StopText;
            }
        }
    }

    public GenerationResult Result() => new(
        _requestId,
        _model,
        [.. _answers.Values.Select(a => new GeneratedAnswer(a.Text.ToString(), a.TokenIds, a.Logprobs, a.FinishReason, a.StopText))],
        _usage,
        _timing);

    private sealed class Answer
    {
        public StringBuilder Text { get; } = new();

        public List<uint> TokenIds { get; } = [];

        public List<TokenLogprob> Logprobs { get; } = [];

        public FinishReason FinishReason { get; set; }

        public string StopText { get; set; } = "";
    }
}
