using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>The text of one answer, made of its tokens in their order. One thread at a time.</summary>
internal sealed class AnswerText(GenerationRequest request, Tokenizer tokenizer)
{
    private readonly IncrementalDetokenizer _detokenizer = new(tokenizer, !request.Sampling.IncludeSpecialTokens);
    private readonly StopTextScanner _stops = new(request.Sampling.Stop);
    private bool _begun;

    /// <summary>The stop text found, or null.</summary>
    public string? StopText => _stops.Found;

    /// <summary>The text that a token makes certain.</summary>
    public string Push(int token, bool isStop)
    {
        string text = _begun ? "" : Begin();
        return isStop ? text : text + _stops.Push(_detokenizer.Push(token));
    }

    /// <summary>What was held back, once nothing more comes.</summary>
    public string End() => !_begun || _stops.Found is not null ? "" : _stops.Push(_detokenizer.Flush()) + _stops.Flush();

    /// <summary>The detokenizer reads the prompt first: an answer continues its text, and a character may be cut between them.</summary>
    private string Begin()
    {
        _begun = true;
        string text = string.Concat(request.Prompt.Select(_detokenizer.Push));
        return request.Echo ? text : "";
    }
}
