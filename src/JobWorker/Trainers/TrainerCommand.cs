using System.Reflection;

namespace Inference.JobWorker.Trainers;

/// <summary>The program that trains, as a child process.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record TrainerCommand(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>The argument that makes this program a trainer.</summary>
    public const string Verb = "train";

    /// <summary>The job worker's own program.</summary>
    public static TrainerCommand Own() => Of(typeof(TrainerCommand).Assembly);

    /// <summary>A program that runs <see cref="TrainerProgram"/> when <see cref="Verb"/> is its only argument.</summary>
    public static TrainerCommand Of(Assembly program)
    {
        string library = program.Location, executable = Path.ChangeExtension(library, null);
        return Path.Exists(executable) ? new TrainerCommand(executable, [Verb]) : new TrainerCommand("dotnet", [library, Verb]);
    }
}
