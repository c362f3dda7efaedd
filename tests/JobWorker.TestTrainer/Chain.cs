namespace Inference.JobWorker.TestTrainer;

/// <summary>A value to which every step adds in order: who skips or repeats one ends elsewhere.</summary>
public static class Chain
{
    /// <summary>What so many steps come to.</summary>
    public static ulong Expected(int steps) => Enumerable.Range(1, steps).Aggregate(0UL, (value, step) => Step(value, step));

    internal static ulong Step(ulong value, long step) => (value ^ (ulong)step) * 0x9E3779B97F4A7C15;

    internal static void Save(string directory, long step, ulong value)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "state.txt"), $"{step} {value}");
    }

    internal static (long Step, ulong Value) Load(string? directory)
    {
        if (directory is null)
        {
            return default;
        }

        string[] parts = File.ReadAllText(Path.Combine(directory, "state.txt")).Split(' ');
        return (long.Parse(parts[0]), ulong.Parse(parts[1]));
    }
}
