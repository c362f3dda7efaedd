namespace Inference.Speech.VoiceActivity;

/// <summary>What a frame of a stream has brought.</summary>
/// <param name="EndSample">The samples of the stream up to its end.</param>
/// <param name="Probability">Of speech.</param>
/// <param name="Endpoint">What it changes.</param>
/// <param name="Speech">Samples that the running utterance gains: nothing outside of one; with <see cref="Endpoint.Started"/> also those
/// before.</param>
public sealed record VoiceFrame(long EndSample, float Probability, Endpoint Endpoint, ReadOnlyMemory<float> Speech);
