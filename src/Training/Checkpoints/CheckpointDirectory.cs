using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Inference.Training.Checkpoints;

/// <summary>
/// Checkpoints under one directory, each a subdirectory step-NNNNNNNN with tensors.bin (the sets' F32 values in order) and
/// state.json. A checkpoint is written under another name, flushed to the disk and renamed; one that is not whole is passed over.
/// </summary>
/// <param name="path">The directory; made when missing.</param>
/// <param name="keep">Checkpoints that are kept; older ones are deleted.</param>
public sealed class CheckpointDirectory(string path, int keep = 3)
{
    private const string Prefix = "step-";
    private const string TensorsName = "tensors.bin";
    private const string StateName = "state.json";

    /// <summary>Writes a checkpoint. One of the same step is replaced.</summary>
    /// <param name="state">What the tensors do not say.</param>
    /// <param name="sets">The tensors.</param>
    /// <param name="addFiles">Writes files of its own into the checkpoint's directory, the flush to the disk included.</param>
    /// <returns>The checkpoint's directory.</returns>
    public string Save(TrainingState state, IReadOnlyList<ParameterSet> sets, Action<string>? addFiles = null)
    {
        string final = Path.Combine(path, Prefix + state.Step.ToString("d8", CultureInfo.InvariantCulture));
        string temporary = Path.Combine(path, "writing-" + state.Step.ToString("d8", CultureInfo.InvariantCulture));
        DeleteIfExists(temporary);
        Directory.CreateDirectory(temporary);
        string hash;
        using (FileStream file = File.Create(Path.Combine(temporary, TensorsName)))
        using (IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            foreach (ParameterSet set in sets)
            {
                set.OnHost((_, tensor) =>
                {
                    file.Write(tensor.Bytes);
                    sha.AppendData(tensor.Bytes);
                });
            }

            file.Flush(flushToDisk: true);
            hash = Convert.ToHexStringLower(sha.GetHashAndReset());
        }

        using (FileStream file = File.Create(Path.Combine(temporary, StateName)))
        {
            JsonSerializer.Serialize(file, state with { TensorHash = hash });
            file.Flush(flushToDisk: true);
        }

        addFiles?.Invoke(temporary);
        DeleteIfExists(final);
        Directory.Move(temporary, final);
        foreach (string old in Newest().Skip(keep))
        {
            Directory.Delete(old, recursive: true);
        }

        return final;
    }

    /// <summary>Reads the latest whole checkpoint into the sets and returns its state; null when there is none.</summary>
    /// <exception cref="InvalidDataException">A whole checkpoint has another number of elements than the sets.</exception>
    public TrainingState? Load(IReadOnlyList<ParameterSet> sets)
    {
        foreach (string directory in Newest())
        {
            if (Read(directory, sets) is { } state)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>Reads a checkpoint's directory into the sets and returns its state; null when it is not whole.</summary>
    /// <exception cref="InvalidDataException">It is whole, with another number of elements than the sets.</exception>
    public static TrainingState? Read(string directory, IReadOnlyList<ParameterSet> sets)
    {
        TrainingState? state = ReadState(directory);
        if (state is not null)
        {
            ReadTensors(Path.Combine(directory, TensorsName), sets);
        }

        return state;
    }

    private static TrainingState? ReadState(string directory)
    {
        string statePath = Path.Combine(directory, StateName), tensorsPath = Path.Combine(directory, TensorsName);
        if (!File.Exists(statePath) || !File.Exists(tensorsPath))
        {
            return null;
        }

        try
        {
            TrainingState? state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(statePath));
            using FileStream tensors = File.OpenRead(tensorsPath);
            return state is not null && Convert.ToHexStringLower(SHA256.HashData(tensors)) == state.TensorHash ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void ReadTensors(string file, IReadOnlyList<ParameterSet> sets)
    {
        long bytes = sets.Sum(s => s.Count) * sizeof(float);
        using FileStream stream = File.OpenRead(file);
        if (stream.Length != bytes)
        {
            throw new InvalidDataException($"{file} has {stream.Length} bytes; this model's checkpoints have {bytes}");
        }

        foreach (ParameterSet set in sets)
        {
            set.OnHost((_, tensor) => stream.ReadExactly(tensor.Bytes), writes: true);
        }
    }

    private static void DeleteIfExists(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private IEnumerable<string> Newest() => Directory.Exists(path)
        ? Directory.GetDirectories(path, Prefix + "*").OrderDescending(StringComparer.Ordinal)
        : [];
}
