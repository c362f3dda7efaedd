using Inference.Generation.Sampling;
using Inference.Tensors;
using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>One answer of a request: its sequence, how its tokens are chosen, and the text that they become.</summary>
internal sealed class Answer
{
    private readonly ActiveRequest _request;
    private readonly Tokenizer _tokenizer;
    private readonly TokenSampler _sampler;
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly StopTextScanner _stops;
    private readonly HashSet<int> _stopTokens;
    private readonly int _maxTokens;
    private TokenChoice? _choice;

    public Answer(ActiveRequest request, Sequence sequence, Tokenizer tokenizer, IEnumerable<int> eos, long seed, int maxTokens)
    {
        SamplingParameters sampling = request.Request.Sampling;
        _request = request;
        _tokenizer = tokenizer;
        _maxTokens = maxTokens;
        _stopTokens = [.. sampling.StopTokenIds, .. sampling.IgnoreEos ? [] : eos];
        _sampler = new TokenSampler(sampling, seed, sequence.Index, request.Request.Prompt, _stopTokens);
        _detokenizer = new IncrementalDetokenizer(tokenizer, !sampling.IncludeSpecialTokens);
        _stops = new StopTextScanner(sampling.Stop);
        Sequence = sequence;
    }

    public Sequence Sequence { get; }

    public ActiveRequest Request => _request;

    /// <summary>Tokens generated.</summary>
    public int Generated { get; private set; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>When its last token came.</summary>
    public long LastTokenAt { get; set; }

    /// <summary>Chooses the next token.</summary>
    public void Sample(ReadOnlySpan<float> logits, SamplingScratch scratch) => _choice = _sampler.Next(logits, scratch);

    /// <summary>Gathers the log-probabilities of the prompt's tokens, where they are echoed.</summary>
    public void NotePromptLogprobs(ScheduledSequence item, Tensor logits, int row, SamplingScratch scratch)
    {
        IReadOnlyList<int> prompt = _request.Request.Prompt;
        if (_request.Request.Sampling.Logprobs is not int top || !_request.Request.Echo || Sequence.Index != 0 || Generated > 0)
            return;
        if (_request.PromptLogprobs.Count == 0)
            _request.PromptLogprobs.Add(ToLogprob(new TokenChoice(prompt[0], float.NaN, [])));
        int end = Math.Min(item.First + item.Count, prompt.Count - 1);
        for (int position = item.FirstLogit; position < end; position++, row++)
            _request.PromptLogprobs.Add(ToLogprob(Logprobs.Of(logits.Row(row), prompt[position + 1], top, scratch.Logits)));
        int gathered = _request.PromptLogprobs.Count - 1;
        Sequence.WantsLogitsFrom = gathered < prompt.Count - 1 ? gathered : int.MaxValue;
    }

    /// <summary>Takes the chosen token over, and returns what is new; null where none was chosen.</summary>
    public GenerationDelta? Emit()
    {
        if (_choice is not { } choice)
            return null;
        _choice = null;
        string text = Generated == 0 ? BeginText() : "";
        Generated++;
        Sequence.Append(choice.TokenId);
        bool isStop = _stopTokens.Contains(choice.TokenId);
        if (!isStop)
            text += _stops.Push(_detokenizer.Push(choice.TokenId));
        if (isStop || _stops.Found is not null)
            Finish = FinishReason.Stop;
        else if (Generated == _maxTokens)
            Finish = FinishReason.Length;

        bool echo = Generated == 1 && _request.Request.Echo;
        TokenLogprob[] logprobs = _request.Request.Sampling.Logprobs is null ? [] : [ToLogprob(choice)];
        return new GenerationDelta
        {
            Index = Sequence.Index,
            Text = Finish is null ? text : text + EndText(),
            TokenIds = echo ? [.. _request.Request.Prompt, choice.TokenId] : [choice.TokenId],
            Logprobs = echo ? [.. _request.PromptLogprobs, .. logprobs] : logprobs,
            FinishReason = Finish,
            StopText = _stops.Found,
        };
    }

    /// <summary>Ends an answer that goes on; returns what was held back.</summary>
    public GenerationDelta Cancel()
    {
        Finish = FinishReason.Cancelled;
        return new GenerationDelta { Index = Sequence.Index, Text = Generated == 0 ? "" : EndText(), FinishReason = Finish };
    }

    /// <summary>The choice with the bytes of its tokens.</summary>
    public TokenLogprob ToLogprob(TokenChoice choice) => new(
        choice.TokenId, _tokenizer.TokenBytes(choice.TokenId).ToArray(), choice.Logprob,
        [.. choice.Top.Select(t => new TokenLogprob(t.TokenId, _tokenizer.TokenBytes(t.TokenId).ToArray(), t.Logprob, []))]);

    /// <summary>The detokenizer reads the prompt first: an answer continues its text, and a character may be cut between them.</summary>
    private string BeginText()
    {
        string text = string.Concat(_request.Request.Prompt.Select(_detokenizer.Push));
        return _request.Request.Echo ? text : "";
    }

    private string EndText() => _stops.Found is null ? _stops.Push(_detokenizer.Flush()) + _stops.Flush() : "";
}
