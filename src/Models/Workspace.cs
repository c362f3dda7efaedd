using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// Memory of a backend that a computation uses again and again, for fresh memory is dear: numbered places that grow as they are asked for.
/// </summary>
internal sealed class Workspace(IBackend backend, int places) : IDisposable
{
    private readonly Tensor?[] _memory = new Tensor?[places];

    /// <summary>A tensor [rows, columns] over a place's memory, of undefined contents, valid until the next call for that place.</summary>
    public Tensor Get(int place, int rows, int columns)
    {
        int length = checked(rows * columns);
        if (_memory[place] is not { } memory || memory.Rows < length)
        {
            _memory[place]?.Dispose();
            _memory[place] = memory = backend.Allocate(length, 1);
        }

        return memory.Slice(0, length).Reshape(rows, columns);
    }

    public void Dispose() => Array.ForEach(_memory, memory => memory?.Dispose());
}
