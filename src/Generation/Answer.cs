using Inference.Generation.Sampling;
using Inference.Tensors;
using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>One answer of a request: its sequence, how its tokens are chosen, and when it ends. The engine's thread owns it.</summary>
internal sealed class Answer
{
    private readonly TokenSampler _sampler;
    private readonly HashSet<int> _stopTokens;
    private readonly int _maxTokens;
    private readonly List<ChosenToken> _chosen = [];

    public Answer(ActiveRequest request, Sequence sequence, Tokenizer tokenizer, IEnumerable<int> eos, long seed, int maxTokens)
    {
        SamplingParameters sampling = request.Request.Sampling;
        Request = request;
        Sequence = sequence;
        Delivery = new AnswerDelivery(this, tokenizer);
        _maxTokens = maxTokens;
        _stopTokens = [.. sampling.StopTokenIds, .. sampling.IgnoreEos ? [] : eos];
        _sampler = new TokenSampler(sampling, seed, sequence.Index, request.Request.Prompt, _stopTokens);
    }

    public Sequence Sequence { get; }

    public ActiveRequest Request { get; }

    /// <summary>What becomes of its tokens.</summary>
    public AnswerDelivery Delivery { get; }

    /// <summary>Tokens generated.</summary>
    public int Generated { get; private set; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>Tokens chosen in the last step that ran it.</summary>
    public IReadOnlyList<ChosenToken> Chosen => _chosen;

    /// <summary>Why no token could be chosen; null where all is well.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>
    /// Gathers what the request wants of the step's logits, and chooses the next token where the last known one was
    /// computed. As long as the choice is what was guessed, the next row is the one after it, and another token is chosen:
    /// each from the logits that it would have alone, so a guess changes no token, greedy or drawn.
    /// Answers may do this at once, each on one thread. Keeps what is thrown as <see cref="Fault"/>.
    /// </summary>
    /// <param name="item">The answer's share of the step.</param>
    /// <param name="logits">Logits of the step.</param>
    /// <param name="row">The first row of this share.</param>
    /// <param name="scratch">Buffers of this thread.</param>
    public void Choose(ScheduledSequence item, Tensor logits, int row, SamplingScratch scratch)
    {
        _chosen.Clear();
        int next = row + item.LogitCount - item.Draft.Length - 1;
        bool samples = item.Samples;
        try
        {
            GatherPromptLogprobs(item, logits, row, scratch);
            for (int i = 0; samples && i <= item.Draft.Length && Finish is null; i++)
            {
                Take(_sampler.Next(logits.Row(next + i), scratch));
                samples = i < item.Draft.Length && _chosen[i].Choice.TokenId == item.Draft.Span[i];
            }

            Sequence.MaxDraft = _maxTokens - Generated - 1;
        }
        catch (Exception error)
        {
            Fault = error;
        }
    }

    /// <summary>What would be chosen from these logits for a token further ahead than the next, if the ones between were right.</summary>
    public int Guess(ReadOnlySpan<float> logits, int ahead, SamplingScratch scratch) => _sampler.Guess(logits, ahead, scratch);

    /// <summary>Ends an answer that goes on.</summary>
    public void Cancel() => Finish = FinishReason.Cancelled;

    private void Take(TokenChoice choice)
    {
        Sequence.Append(choice.TokenId);
        Generated++;
        bool isStop = _stopTokens.Contains(choice.TokenId);
        string? text = Request.Request.Sampling.Stop.Count == 0 ? null : Delivery.Text.Push(choice.TokenId, isStop);
        if (isStop || Delivery.Text.StopText is not null)
            Finish = FinishReason.Stop;
        else if (Generated == _maxTokens)
            Finish = FinishReason.Length;
        _chosen.Add(new ChosenToken(choice, isStop, Finish, text));
    }

    /// <summary>The log-probabilities of the prompt's tokens, where they are echoed.</summary>
    private void GatherPromptLogprobs(ScheduledSequence item, Tensor logits, int row, SamplingScratch scratch)
    {
        IReadOnlyList<int> prompt = Request.Request.Prompt;
        if (Request.Request.Sampling.Logprobs is not int top || !Request.Request.Echo || Sequence.Index != 0 || Generated > 0)
            return;
        List<TokenChoice> gathered = Request.PromptLogprobs;
        if (gathered.Count == 0)
            gathered.Add(new TokenChoice(prompt[0], float.NaN, []));
        int end = Math.Min(item.First + item.Count, prompt.Count - 1);
        for (int position = item.FirstLogit; position < end; position++, row++)
            gathered.Add(Logprobs.Of(logits.Row(row), prompt[position + 1], top, scratch.Logits));
        Sequence.WantsLogitsFrom = gathered.Count < prompt.Count ? gathered.Count - 1 : int.MaxValue;
    }
}
