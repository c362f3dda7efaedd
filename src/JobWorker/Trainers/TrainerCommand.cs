namespace Inference.JobWorker.Trainers;

/// <summary>The program that trains, as a child process.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record TrainerCommand(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>The argument that makes this program a trainer.</summary>
    public const string Verb = "train";

    /// <summary>This program.</summary>
    public static TrainerCommand Own()
    {
        string library = typeof(TrainerCommand).Assembly.Location, program = Path.ChangeExtension(library, null);
        return Path.Exists(program) ? new TrainerCommand(program, [Verb]) : new TrainerCommand("dotnet", [library, Verb]);
    }
}
