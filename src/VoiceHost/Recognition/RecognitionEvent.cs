using Inference.Speech.Recognition;
using Inference.Speech.VoiceActivity;

namespace Inference.VoiceHost.Recognition;

/// <summary>What happens while somebody speaks.</summary>
/// <param name="Endpoint">An utterance's beginning or end; none with an update.</param>
/// <param name="Update">What has been understood of the utterance.</param>
/// <param name="UtteranceStart">Where the utterance begins in the audio.</param>
/// <param name="Time">Where in the audio the event stands.</param>
/// <param name="Probabilities">Of speech, in the frames since the event before.</param>
internal sealed record RecognitionEvent(
    Endpoint Endpoint, RecognitionUpdate? Update, TimeSpan UtteranceStart, TimeSpan Time, IReadOnlyList<float> Probabilities);
