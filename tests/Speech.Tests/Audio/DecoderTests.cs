using System.Buffers;
using Inference.Speech.Audio;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Audio;

/// <summary>Files written by sox, flac and opusenc are read as those programs read them.</summary>
public sealed class DecoderTests : IDisposable
{
    private static readonly AudioFormat Mono = new(16_000, 1);
    private static readonly AudioFormat Stereo = new(44_100, 2);
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5_000)]
    public void A_wav_file_in_pieces_is_what_was_written(int piece)
    {
        float[] samples = Sounds.Mixed(Stereo, 0.2);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);

        float[] read = Sounds.Decode(decoder, Sounds.Wav(Stereo, samples), longest: piece + 1);

        Assert.Equal(Stereo, decoder.Format);
        Assert.Equal(samples.Select(s => Pcm16.FromFloat(s) / 32_768f), read);
    }

    [ToolTheory("sox")]
    [InlineData("signed-integer", 16)]
    [InlineData("signed-integer", 24)]
    [InlineData("signed-integer", 32)]
    [InlineData("unsigned-integer", 8)]
    [InlineData("floating-point", 32)]
    [InlineData("floating-point", 64)]
    [InlineData("mu-law", 8)]
    [InlineData("a-law", 8)]
    public void Every_kind_of_wav_by_sox_is_read(string encoding, int bits)
    {
        (string original, string converted, string raw) = (_directory.File("a.wav"), _directory.File("b.wav"), _directory.File("c.raw"));
        File.WriteAllBytes(original, Sounds.Wav(Stereo, Sounds.Mixed(Stereo, 0.3)));
        CommandLineTool.Run("sox", "-D", original, "-e", encoding, "-b", $"{bits}", converted);
        CommandLineTool.Run("sox", "-D", converted, "-t", "f32", raw);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);

        Close(Floats(raw), Sounds.Decode(decoder, File.ReadAllBytes(converted)), 1e-6);
        Assert.Equal(Stereo, decoder.Format);
    }

    [ToolTheory("sox")]
    [InlineData("mu-law", AudioEncoding.MuLaw)]
    [InlineData("a-law", AudioEncoding.ALaw)]
    public void G711_is_what_sox_writes_and_reads(string name, AudioEncoding encoding)
    {
        (string original, string coded, string raw) = (_directory.File("a.wav"), _directory.File("b.raw"), _directory.File("c.raw"));
        float[] samples = Sounds.Mixed(new AudioFormat(8_000, 1), 1);
        File.WriteAllBytes(original, Sounds.Wav(new AudioFormat(8_000, 1), samples));
        CommandLineTool.Run("sox", "-D", original, "-t", "raw", "-e", name, "-b", "8", coded);
        CommandLineTool.Run("sox", "-D", "-t", "raw", "-r", "8000", "-c", "1", "-e", name, "-b", "8", coded, "-t", "f32", raw);
        using IAudioDecoder decoder = AudioDecoders.Create(encoding, new AudioFormat(8_000, 1));
        byte[] theirs = File.ReadAllBytes(coded);
        byte[] ours = [.. samples.Select(s => encoding == AudioEncoding.MuLaw ? G711.ToMuLaw(s) : G711.ToALaw(s))];

        Close(Floats(raw), Sounds.Decode(decoder, theirs), 1e-6);

        // sox rounds ties between two codes otherwise; what differs is the next code.
        Assert.InRange(ours.Zip(theirs).Count(p => p.First != p.Second), 0, ours.Length / 25);
        using IAudioDecoder again = AudioDecoders.Create(encoding, new AudioFormat(8_000, 1));
        float[] round = Sounds.Decode(again, ours);
        Assert.All(samples.Zip(round), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 0.001 + (0.035 * Math.Abs(p.First))));
    }

    [ToolTheory("flac")]
    [InlineData("-0", 16, 1)]
    [InlineData("-5", 16, 2)]
    [InlineData("-8", 16, 2)]
    [InlineData("-8 -e -p --lax -l 32 -r 15", 16, 2)]
    [InlineData("-8", 24, 2)]
    [InlineData("-3 -b 777", 24, 1)]
    [InlineData("--disable-constant-subframes --disable-fixed-subframes -5", 16, 2)]
    [InlineData("--no-padding --no-seektable -6", 8, 6)]
    public void Flac_by_the_flac_program_is_read_bit_for_bit(string options, int bits, int channels)
    {
        AudioFormat format = new(44_100, channels);
        float[] samples = Sounds.Mixed(format, 0.5);
        (string raw, string file, string decoded) = (_directory.File("a.raw"), _directory.File("b.flac"), _directory.File("c.raw"));
        int bytes = bits / 8;
        File.WriteAllBytes(raw, [.. samples.SelectMany(s => BitConverter.GetBytes((int)(s * ((1 << (bits - 1)) - 1))).Take(bytes))]);
        string[] shape = ["--force-raw-format", "--endian=little", "--sign=signed", $"--bps={bits}", $"--channels={channels}", "--sample-rate=44100"];
        CommandLineTool.Run("flac", ["-s", "-f", .. shape, .. options.Split(' '), "-o", file, raw]);
        CommandLineTool.Run("flac", "-s", "-d", "-f", "--force-raw-format", "--endian=little", "--sign=signed", "-o", decoded, file);
        byte[] expected = File.ReadAllBytes(decoded);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);

        float[] read = Sounds.Decode(decoder, File.ReadAllBytes(file));

        Assert.Equal(format, decoder.Format);
        byte[] written = [.. read.SelectMany(s => BitConverter.GetBytes((int)((double)s * (1L << (bits - 1)))).Take(bytes))];
        Assert.Equal(expected, written);
    }

    [ToolTheory("opusenc", "opusdec")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void Opus_by_opusenc_is_read_as_opusdec_reads_it(int channels)
    {
        AudioFormat format = new(48_000, channels);
        (string wav, string file, string raw) = (_directory.File("a.wav"), _directory.File("b.opus"), _directory.File("c.raw"));
        File.WriteAllBytes(wav, Sounds.Wav(format, Sounds.Mixed(format, 1.234)));
        CommandLineTool.Run("opusenc", "--quiet", wav, file);
        CommandLineTool.Run("opusdec", "--quiet", "--no-dither", "--float", "--rate", "48000", "--force-wav", file, raw);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);
        using IAudioDecoder expected = AudioDecoders.Create(AudioEncoding.Wav, Mono);

        float[] read = Sounds.Decode(decoder, File.ReadAllBytes(file));

        Assert.Equal(format, decoder.Format);
        Close(Sounds.Decode(expected, File.ReadAllBytes(raw)), read, channels > 2 ? 2 : 1e-4);
        Assert.Equal((int)(48_000 * 1.234) * channels, read.Length);
    }

    [ToolFact("opusdec")]
    public void Opus_written_here_is_read_here_and_by_opusdec_with_its_length()
    {
        AudioFormat format = new(48_000, 1);
        float[] tone = [.. Enumerable.Range(0, 12_345).Select(i => 0.5f * MathF.Sin(i * 0.2f))];
        byte[] bytes = Written(AudioEncoding.OggOpus, 48_000, tone);
        (string file, string wav) = (_directory.File("a.opus"), _directory.File("b.wav"));
        File.WriteAllBytes(file, bytes);
        CommandLineTool.Run("opusdec", "--quiet", "--float", "--rate", "48000", file, wav);
        using IAudioDecoder ours = AudioDecoders.Create(AudioEncoding.Auto, Mono);
        using IAudioDecoder theirs = AudioDecoders.Create(AudioEncoding.Wav, Mono);
        float[] read = Sounds.Decode(ours, bytes);

        Assert.Equal(tone.Length, read.Length);
        Assert.Equal(tone.Length, Sounds.Decode(theirs, File.ReadAllBytes(wav)).Length);
        Assert.Equal(format, ours.Format);

        // Opus keeps sounds, not phases: what it holds most like the tone lies within a tenth of a millisecond.
        double[] likeness = [.. Enumerable.Range(-20, 41).Select(lag => Enumerable.Range(2_000, 10_000).Sum(i => (double)tone[i] * read[i + lag]))];
        Assert.InRange(likeness.AsSpan().IndexOf(likeness.Max()) - 20, -5, 5);
        Assert.InRange(likeness.Max() / Enumerable.Range(2_000, 10_000).Sum(i => (double)tone[i] * tone[i]), 0.9, 1.1);
    }

    [ToolTheory("flac")]
    [InlineData(8_000, 5_000)]
    [InlineData(44_100, 1_024 * 140)]
    [InlineData(48_000, 1)]
    [InlineData(22_050, 0)]
    public void Flac_written_here_is_read_here_and_by_the_flac_program_bit_for_bit(int rate, int length)
    {
        float[] samples = [.. Sounds.Mixed(new AudioFormat(rate, 1), 4).Take(length)];
        byte[] expected = Pcm16.Encode(samples), bytes = Written(AudioEncoding.Flac, rate, samples);
        (string file, string raw) = (_directory.File("a.flac"), _directory.File("b.raw"));
        File.WriteAllBytes(file, bytes);
        CommandLineTool.Run("flac", "-s", "-d", "-f", "--force-raw-format", "--endian=little", "--sign=signed", "-o", raw, file);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);

        float[] read = Sounds.Decode(decoder, bytes);

        Assert.Equal(expected, File.ReadAllBytes(raw));
        Assert.Equal(expected, Pcm16.Encode(read));
        Assert.Equal(new AudioFormat(rate, 1), decoder.Format);
    }

    [ToolFact("flac")]
    public void Flac_written_here_is_little_longer_than_that_of_the_flac_program()
    {
        float[] samples = Sounds.Mixed(new AudioFormat(16_000, 1), 2);
        (string wav, string file) = (_directory.File("a.wav"), _directory.File("b.flac"));
        File.WriteAllBytes(wav, Sounds.Wav(new AudioFormat(16_000, 1), samples));
        CommandLineTool.Run("flac", "-s", "-f", "-2", "--no-padding", "-o", file, wav);

        Assert.InRange(Written(AudioEncoding.Flac, 16_000, samples).Length, 1_000, 1.1 * new FileInfo(file).Length);
    }

    [ToolTheory("lame")]
    [InlineData(8_000, 8_000)]
    [InlineData(16_000, 16_000)]
    [InlineData(22_050, 22_050)]
    [InlineData(23_000, 24_000)]
    [InlineData(48_000, 48_000)]
    public void Mp3_written_here_sounds_alike_when_lame_reads_it(int rate, int writtenRate)
    {
        float[] tone = [.. Enumerable.Range(0, rate).Select(i => 0.5f * MathF.Sin(2 * MathF.PI * 440 * i / rate))];
        (string file, string wav) = (_directory.File("a.mp3"), _directory.File("b.wav"));
        File.WriteAllBytes(file, Written(AudioEncoding.Mp3, rate, tone));
        CommandLineTool.Run("lame", "--quiet", "--decode", file, wav);
        using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Wav, Mono);

        float[] read = Sounds.Decode(decoder, File.ReadAllBytes(wav));

        Assert.Equal(writtenRate, decoder.Format!.Value.SampleRate);
        Assert.InRange(read.Length, writtenRate, writtenRate * 1.3);

        // Away from the ends all of the energy lies at 440 Hz: -0.05 to 0.05 of the amplitude is what coding changes.
        Span<float> middle = read.AsSpan(writtenRate / 4, writtenRate / 2);
        (double sine, double cosine, double energy) = (0, 0, 0);
        for (int i = 0; i < middle.Length; i++)
        {
            (double s, double c) = Math.SinCos(2 * Math.PI * 440 * i / writtenRate);
            (sine, cosine, energy) = (sine + (s * middle[i]), cosine + (c * middle[i]), energy + ((double)middle[i] * middle[i]));
        }

        double amplitude = 2 * Math.Sqrt((sine * sine) + (cosine * cosine)) / middle.Length;
        Assert.InRange(amplitude, 0.45, 0.55);
        Assert.InRange(amplitude * amplitude / 2 / (energy / middle.Length), 0.95, 1.05);
    }

    [ToolTheory("flac", "opusenc")]
    [InlineData("a.wav")]
    [InlineData("a.flac")]
    [InlineData("a.opus")]
    public void Damaged_and_cut_files_end_with_an_error_or_with_less_audio_and_never_otherwise(string name)
    {
        string wav = _directory.File("a.wav");
        float[] samples = Sounds.Mixed(Mono, 0.4);
        File.WriteAllBytes(wav, Sounds.Wav(Mono, samples));
        CommandLineTool.Run("flac", "-s", "-f", "-o", _directory.File("a.flac"), wav);
        CommandLineTool.Run("opusenc", "--quiet", wav, _directory.File("a.opus"));
        byte[] good = File.ReadAllBytes(_directory.File(name));
        Random random = new(1);
        int errors = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] bytes = [.. good];
            if (round % 3 == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }
            else
            {
                // Headers are hit often.
                int at = round % 3 == 1 ? random.Next(Math.Min(100, bytes.Length)) : random.Next(bytes.Length);
                bytes[at] ^= (byte)(1 << random.Next(8));
            }

            using IAudioDecoder decoder = AudioDecoders.Create(round % 2 == 0 ? AudioEncoding.Auto : Enum.Parse<AudioEncoding>(name[2..] switch { "wav" => "Wav", "flac" => "Flac", _ => "OggOpus" }), Mono);
            try
            {
                Assert.InRange(Sounds.Decode(decoder, bytes, round).Length, 0, 40 * samples.Length);
            }
            catch (AudioFormatException)
            {
                errors++;
            }
        }

        Assert.InRange(errors, 20, 600);
    }

    [Fact]
    public void Noise_of_every_length_is_read_or_refused()
    {
        Random random = new(2);
        foreach (string magic in new[] { "fLaC", "OggS", "RIFF\0\0\0\0WAVE", "RIFF\0\0\0\0WAVEfmt \u0010\0\0\0", "" })
        {
            for (int round = 0; round < 100; round++)
            {
                byte[] bytes = [.. magic.Select(c => (byte)c), .. new byte[random.Next(3_000)]];
                random.NextBytes(bytes.AsSpan(magic.Length));
                using IAudioDecoder decoder = AudioDecoders.Create(AudioEncoding.Auto, Mono);
                Exception? error = Record.Exception(() => Sounds.Decode(decoder, bytes, round));

                Assert.True(error is null or AudioFormatException, error?.ToString());
            }
        }
    }

    [Theory]
    [InlineData(AudioEncoding.Pcm16, 1, "1 bytes into a sample of 2")]
    [InlineData(AudioEncoding.Float32, 3, "3 bytes into a sample of 4")]
    [InlineData(AudioEncoding.Wav, 0, "\"data\"")]
    [InlineData(AudioEncoding.Flac, 0, "metadata")]
    [InlineData(AudioEncoding.OggOpus, 0, "headers")]
    public void What_ends_too_early_says_where(AudioEncoding encoding, int bytes, string named)
    {
        using IAudioDecoder decoder = AudioDecoders.Create(encoding, Mono);

        Assert.Contains(named, Assert.Throws<AudioFormatException>(() => Sounds.Decode(decoder, new byte[bytes])).Message);
    }

    [Fact]
    public void A_reader_gives_one_channel_at_the_rate_that_is_wanted()
    {
        float[] samples = [.. Enumerable.Range(0, 44_100).SelectMany(i => new[] { MathF.Sin(i * 0.02f), 0 })];
        byte[] wav = Sounds.Wav(Stereo, samples);
        foreach ((int? channel, double amplitude) in new (int?, double)[] { (null, 0.5), (0, 1), (1, 0) })
        {
            using MonoReader reader = new(AudioDecoders.Create(AudioEncoding.Auto, Mono), 16_000, channel);
            ArrayBufferWriter<float> output = new();
            foreach (byte[] piece in wav.Chunk(1_111))
            {
                reader.Push(piece, output);
            }

            reader.Complete(output);
            Assert.Equal(16_000, output.WrittenCount);
            Assert.Equal(Stereo, reader.Source);
            Assert.InRange(output.WrittenSpan[1_000..15_000].ToArray().Max(), amplitude - 0.01, amplitude + 0.01);
        }
    }

    public void Dispose() => _directory.Dispose();

    private static float[] Floats(string path) => [.. File.ReadAllBytes(path).Chunk(4).Select(b => BitConverter.ToSingle(b))];

    private static void Close(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{actual[i]} at {i}, expected {expected[i]}");
        }
    }

    private static byte[] Written(AudioEncoding encoding, int rate, float[] samples)
    {
        ArrayBufferWriter<byte> bytes = new();
        using AudioWriter writer = new(encoding, rate, rate);
        foreach (float[] piece in samples.Chunk(700))
        {
            writer.Write(piece, bytes);
        }

        writer.Complete(bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
