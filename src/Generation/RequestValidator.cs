namespace Inference.Generation;

/// <summary>Checks a request on arrival.</summary>
/// <param name="vocabularySize">Width of the logits.</param>
/// <param name="contextLimit">Tokens that a sequence may have: the model's context, or the whole KV cache where that is smaller.</param>
/// <param name="limitName">Which of the two it is, for messages.</param>
internal sealed class RequestValidator(int vocabularySize, int contextLimit, string limitName)
{
    private const int MaxNameLength = 256;
    private const int MaxPriority = 100;

    /// <exception cref="InvalidRequestException">Names every fault, with limit and value.</exception>
    public void Check(GenerationRequest request)
    {
        List<FieldViolation> found = [.. SamplingParametersValidator.Validate(request.Sampling, vocabularySize)];
        CheckPrompt(request.Prompt, found);
        if (request.Priority is < -MaxPriority or > MaxPriority)
            found.Add(new FieldViolation("priority", $"must be from {-MaxPriority} to {MaxPriority}, not {request.Priority}"));
        CheckName("request_id", request.Id, found);
        CheckName("tenant_id", request.Tenant, found);
        CheckName("session_id", request.SessionId, found);
        if (found.Count > 0)
            throw new InvalidRequestException(found);
    }

    private void CheckPrompt(IReadOnlyList<int> prompt, List<FieldViolation> found)
    {
        if (prompt.Count == 0)
            found.Add(new FieldViolation("prompt", "must have at least 1 token, not 0"));
        if (prompt.Count >= contextLimit)
            found.Add(new FieldViolation("prompt", $"must have at most {contextLimit - 1} tokens ({limitName} less one to generate), not {prompt.Count}"));
        foreach (int token in prompt)
        {
            if ((uint)token < (uint)vocabularySize)
                continue;
            found.Add(new FieldViolation("prompt", $"token ids are from 0 to {vocabularySize - 1}, not {token}"));
            return;
        }
    }

    private static void CheckName(string field, string value, List<FieldViolation> found)
    {
        if (value.Length > MaxNameLength)
            found.Add(new FieldViolation(field, $"must have at most {MaxNameLength} characters, not {value.Length}"));
    }
}
