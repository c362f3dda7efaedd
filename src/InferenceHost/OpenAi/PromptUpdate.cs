using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>An update of one of a request's prompts.</summary>
/// <param name="Prompt">Which prompt, from 0.</param>
/// <param name="Update">What is new.</param>
internal readonly record struct PromptUpdate(int Prompt, GenerationUpdate Update);
