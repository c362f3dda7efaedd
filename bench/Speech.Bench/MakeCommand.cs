using System.CommandLine;
using System.Text;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Speech.Bench;

/// <summary>`make`: a file of whisper.cpp with random weights, in the shape of one of OpenAI's models.</summary>
internal static class MakeCommand
{
    private const int MultilingualTextTokens = 50_257, Bins = 201;

    private static readonly Option<string> Out = new("--out") { Description = "The file", Required = true };
    private static readonly Option<string> Shape = new("--shape") { Description = $"One of {string.Join(", ", WhisperShapes.Names)}", DefaultValueFactory = _ => "tiny" };
    private static readonly Option<DType> Type = new("--type") { Description = "F32, F16, Q8_0, Q5_1 or Q4_0", DefaultValueFactory = _ => DType.F16 };

    public static Command Create()
    {
        Command command = new("make", "Writes a model with random weights and a made-up vocabulary") { Out, Shape, Type };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        WhisperConfig config = WhisperShapes.Find(options.GetValue(Shape)!);
        byte[][] tokens = [.. Enumerable.Range(0, MultilingualTextTokens).Select(i => i < 256 ? [(byte)i] : Encoding.ASCII.GetBytes($" {i}"))];
        RandomWhisper.WriteGgml(options.GetValue(Out)!, config, options.GetValue(Type), 1, new float[config.MelCount * Bins], tokens);
    }
}
