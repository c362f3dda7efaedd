using System.Diagnostics.CodeAnalysis;
using Inference.ClientLib;
using Inference.Speech.Audio;
using Microsoft.Extensions.AI;

namespace Inference.VoiceHost.Tests;

/// <summary>Microsoft.Extensions.AI's clients against the host.</summary>
[Experimental("MEAI001")]
public class ClientTests(ListeningFixture listening, VoiceFixture voice) : IClassFixture<ListeningFixture>, IClassFixture<VoiceFixture>
{
    [Fact]
    public async Task A_stream_of_audio_becomes_text()
    {
        using InferenceClient client = new(listening.GrpcAddress);
        using InferenceSpeechToTextClient speech = new(client);
        using MemoryStream audio = new([.. WavHeader.Create(new AudioFormat(16_000, 1), 8_000), .. new byte[16_000]]);

        SpeechToTextResponse response = await speech.GetTextAsync(audio, new SpeechToTextOptions { SpeechLanguage = "en" });

        Assert.Equal(("8000", TimeSpan.FromSeconds(0.5)), (response.Text, response.EndTime!.Value));
        await Assert.ThrowsAsync<NotSupportedException>(() => speech.GetTextAsync(audio, new SpeechToTextOptions { SpeechLanguage = "en", TextLanguage = "de" }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => speech.GetTextAsync(new MemoryStream(new byte[100]), new SpeechToTextOptions { ModelId = "absent" }));
    }

    [Fact]
    public async Task Audio_is_understood_while_the_stream_is_read()
    {
        using InferenceClient client = new(voice.GrpcAddress);
        using InferenceTextToSpeechClient speaking = new(client);
        using InferenceSpeechToTextClient hearing = new(client);
        TextToSpeechResponse speech = await speaking.GetAudioAsync("What is seven times eight?", new TextToSpeechOptions { VoiceId = "en-us" });
        using MemoryStream audio = new(Assert.IsType<DataContent>(speech.Contents[0]).Data.ToArray());

        List<SpeechToTextResponseUpdate> updates = [];
        await foreach (SpeechToTextResponseUpdate update in hearing.GetStreamingTextAsync(audio))
        {
            updates.Add(update);
        }

        SpeechToTextResponseUpdate final = Assert.Single(updates, u => u.Kind == SpeechToTextResponseUpdateKind.TextUpdated);
        Assert.Equal("what is seven times eight", final.Text.Trim());
        Assert.True(final.StartTime < final.EndTime);
        Assert.All(updates.Where(u => u != final), u => Assert.Equal(SpeechToTextResponseUpdateKind.TextUpdating, u.Kind));
    }

    [Fact]
    public async Task A_text_becomes_audio_at_once_and_as_it_is_made()
    {
        using InferenceClient client = new(voice.GrpcAddress);
        using InferenceTextToSpeechClient speech = new(client);
        const string Text = "Seven times eight is fifty six.";

        DataContent whole = Assert.IsType<DataContent>((await speech.GetAudioAsync(Text)).Contents[0]);
        List<byte> streamed = [];
        await foreach (TextToSpeechResponseUpdate update in speech.GetStreamingAudioAsync(Text))
        {
            streamed.AddRange(Assert.IsType<DataContent>(update.Contents[0]).Data.ToArray());
        }

        Assert.Equal("audio/wav", whole.MediaType);
        Assert.True(whole.Data.Span.StartsWith("RIFF"u8));
        Assert.Equal(whole.Data.ToArray(), streamed);
        await Assert.ThrowsAsync<NotSupportedException>(() => speech.GetAudioAsync(Text, new TextToSpeechOptions { AudioFormat = "aac" }));
    }

    [Fact]
    public async Task The_demo_recogniser_understands_what_espeak_ng_says()
    {
        using InferenceClient client = new(voice.GrpcAddress);
        using InferenceTextToSpeechClient speaking = new(client);
        using InferenceSpeechToTextClient listening = new(client);

        TextToSpeechResponse speech = await speaking.GetAudioAsync("What is seven times eight?", new TextToSpeechOptions { VoiceId = "en-us" });
        using MemoryStream audio = new(Assert.IsType<DataContent>(speech.Contents[0]).Data.ToArray());
        SpeechToTextResponse heard = await listening.GetTextAsync(audio);

        Assert.Equal("what is seven times eight", heard.Text.Trim().TrimEnd('?').ToLowerInvariant());
    }
}
