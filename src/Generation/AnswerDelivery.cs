using Inference.Generation.Sampling;
using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>
/// Makes of an answer's tokens what its reader gets. The delivery's thread owns it, but for the text of answers that a
/// text can end: that is made where the token is chosen, since it decides whether there is a next one.
/// </summary>
internal sealed class AnswerDelivery(Answer answer, Tokenizer tokenizer)
{
    private readonly GenerationRequest _request = answer.Request.Request;
    private int _delivered;

    public AnswerText Text { get; } = new(answer.Request.Request, tokenizer);

    /// <summary>When the last token was chosen; 0 before.</summary>
    public long LastTokenAt { get; set; }

    public GenerationDelta Next(ChosenToken token)
    {
        bool echo = _delivered++ == 0 && _request.Echo;
        int id = token.Choice.TokenId;
        string text = token.Text ?? Text.Push(id, token.IsStop);
        TokenLogprob[] logprobs = _request.Sampling.Logprobs is null ? [] : [ToLogprob(token.Choice)];
        return new GenerationDelta
        {
            Index = answer.Sequence.Index,
            Text = token.Finish is null ? text : text + Text.End(),
            TokenIds = echo ? [.. _request.Prompt, id] : [id],
            Logprobs = echo ? [.. answer.Request.PromptLogprobs.Select(ToLogprob), .. logprobs] : logprobs,
            FinishReason = token.Finish,
            StopText = token.Finish is null ? null : Text.StopText,
        };
    }

    /// <summary>What was held back of an answer that was cancelled.</summary>
    public GenerationDelta End() => new() { Index = answer.Sequence.Index, Text = Text.End(), FinishReason = FinishReason.Cancelled };

    private TokenLogprob ToLogprob(TokenChoice choice) => new(
        choice.TokenId, tokenizer.TokenBytes(choice.TokenId).ToArray(), choice.Logprob,
        [.. choice.Top.Select(t => new TokenLogprob(t.TokenId, tokenizer.TokenBytes(t.TokenId).ToArray(), t.Logprob, []))]);
}
