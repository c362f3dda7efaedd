using System.Runtime.CompilerServices;

namespace Inference.Tensors;

/// <summary>Checks on the arguments of operations; each failure names the tensor, what it must be and what it is.</summary>
internal static class Require
{
    public static void Shape(Tensor tensor, int rows, int columns, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Float(tensor, name);
        if (tensor.Rows != rows || tensor.Columns != columns)
        {
            throw new ArgumentException($"{name} must be F32[{rows}, {columns}], not {tensor}", name);
        }
    }

    public static void SameShape(Tensor tensor, Tensor like, [CallerArgumentExpression(nameof(tensor))] string name = "") =>
        Shape(tensor, like.Rows, like.Columns, name);

    public static void SameForm(Tensor tensor, Tensor like, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Alive(tensor, name);
        Alive(like, name);
        if (tensor.Rows != like.Rows || tensor.Columns != like.Columns || tensor.Type != like.Type)
        {
            throw new ArgumentException($"{name} must be {like}, not {tensor}", name);
        }
    }

    public static void Float(Tensor tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Alive(tensor, name);
        if (tensor.Type != DType.F32)
        {
            throw new ArgumentException($"{name} must be F32, not {tensor}", name);
        }
    }

    public static void Columns(Tensor tensor, int columns, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Alive(tensor, name);
        if (tensor.Columns != columns)
        {
            throw new ArgumentException($"{name} must have {columns} columns: it is {tensor}", name);
        }
    }

    public static void Alive(Tensor tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Data == 0 && tensor.ByteLength > 0)
        {
            throw new ObjectDisposedException(name);
        }
    }

    public static void Length(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} must have {expected} elements, not {length}", name);
        }
    }

    public static void Indices(ReadOnlySpan<int> indices, int limit, string name)
    {
        for (int i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)limit)
            {
                throw new ArgumentOutOfRangeException(name, indices[i], $"{name}[{i}] must be in [0, {limit})");
            }
        }
    }

    public static void Distinct(Tensor destination, Tensor source, [CallerArgumentExpression(nameof(destination))] string name = "")
    {
        if (destination.Data == source.Data && destination.Data != 0)
        {
            throw new ArgumentException($"{name} must not alias a source", name);
        }
    }
}
