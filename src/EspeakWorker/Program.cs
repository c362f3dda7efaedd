using System.Text;
using Inference.EspeakWorker;

// Requests on standard input, replies on standard output, each a kind and its fields as BinaryWriter writes them.
// The parent closes the input to end the program.
using BinaryReader input = new(Console.OpenStandardInput(), Encoding.UTF8);
using BinaryWriter output = new(new BufferedStream(Console.OpenStandardOutput(), 1 << 16), Encoding.UTF8);
try
{
    Espeak espeak = new(output);
    while (true)
    {
        switch (input.ReadChar())
        {
            case 'L':
                espeak.ListVoices();
                break;
            case 'S':
                espeak.Speak(input.ReadString(), input.ReadInt32(), input.ReadInt32(), input.ReadInt32(), input.ReadBoolean(), input.ReadString());
                break;
            case 'P':
                espeak.Phonemes(input.ReadString(), input.ReadString());
                break;
            default:
                throw new InvalidDataException("unknown request");
        }

        output.Flush();
    }
}
catch (EndOfStreamException)
{
    return 0;
}
catch (Exception e) when (e is DllNotFoundException or EspeakException or InvalidDataException)
{
    output.Write('X');
    output.Write(e.Message);
    output.Flush();
    return 1;
}
