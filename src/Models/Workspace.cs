using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// Memory that a computation uses again and again, for fresh memory is dear: numbered places that grow as they are asked for.
/// </summary>
internal sealed class Workspace(int places) : IDisposable
{
    private readonly Tensor?[] _memory = new Tensor?[places];

    /// <summary>A tensor [rows, columns] over a place's memory, of undefined contents, valid until the next call for that place.</summary>
    public Tensor Get(int place, int rows, int columns)
    {
        int length = checked(rows * columns);
        if (_memory[place] is not { } memory || memory.Columns < length)
        {
            _memory[place]?.Dispose();
            _memory[place] = memory = Tensor.Allocate(1, length);
        }

        return Tensor.Borrow(DType.F32, rows, columns, memory.Data, memory);
    }

    public void Dispose() => Array.ForEach(_memory, memory => memory?.Dispose());
}
