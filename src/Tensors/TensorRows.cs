using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// Rows of tensors of any format, decoded to and encoded from F32, by plain loops. Layouts: see <see cref="DType"/>.
/// </summary>
public static unsafe class TensorRows
{
    /// <summary>Row <paramref name="row"/> as floats, exactly what the stored numbers mean.</summary>
    public static float[] ReadRow(this Tensor tensor, int row)
    {
        float[] values = new float[tensor.Columns];
        Decode(tensor.Type, Stored(tensor, row), values);
        GC.KeepAlive(tensor);
        return values;
    }

    /// <summary>
    /// Stores <paramref name="values"/> as row <paramref name="row"/>. F16 and BF16 round to nearest even;
    /// quantised formats choose their scales as <see cref="Quantization.BlockEncoder"/> says.
    /// </summary>
    /// <exception cref="ArgumentException">The length is not the number of columns.</exception>
    public static void WriteRow(this Tensor tensor, int row, ReadOnlySpan<float> values)
    {
        Require.Length(values.Length, tensor.Columns, nameof(values));
        Encode(tensor.Type, values, Stored(tensor, row));
        GC.KeepAlive(tensor);
    }

    /// <summary>A new tensor with the same numbers in another format.</summary>
    public static Tensor ConvertTo(this Tensor tensor, DType type)
    {
        Tensor converted = Tensor.Allocate(tensor.Rows, tensor.Columns, type);
        for (int row = 0; row < tensor.Rows; row++)
        {
            converted.WriteRow(row, tensor.ReadRow(row));
        }

        return converted;
    }

    private static Span<byte> Stored(Tensor tensor, int row)
    {
        Require.Alive(tensor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)tensor.Rows);
        return new((byte*)tensor.Host() + (row * tensor.RowBytes), checked((int)tensor.RowBytes));
    }

    /// <summary>A whole row, or whole blocks of one.</summary>
    internal static void Decode(DType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        switch (type)
        {
            case DType.F32:
                MemoryMarshal.Cast<byte, float>(stored).CopyTo(values);
                break;
            case DType.F16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(stored[(2 * i)..]);
                }

                break;
            case DType.BF16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(stored[(2 * i)..]) << 16);
                }

                break;
            default:
                for (int b = 0; b < values.Length / type.BlockLength(); b++)
                {
                    Quantization.BlockDecoder.Decode(type, stored.Slice(b * type.BlockBytes(), type.BlockBytes()), values.Slice(b * type.BlockLength(), type.BlockLength()));
                }

                break;
        }
    }

    private static void Encode(DType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        switch (type)
        {
            case DType.F32:
                values.CopyTo(MemoryMarshal.Cast<byte, float>(stored));
                break;
            case DType.F16:
                for (int i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(stored[(2 * i)..], (Half)values[i]);
                }

                break;
            case DType.BF16:
                for (int i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(stored[(2 * i)..], ToBFloat16(values[i]));
                }

                break;
            default:
                for (int b = 0; b < values.Length / type.BlockLength(); b++)
                {
                    Quantization.BlockEncoder.Encode(type, values.Slice(b * type.BlockLength(), type.BlockLength()), stored.Slice(b * type.BlockBytes(), type.BlockBytes()));
                }

                break;
        }
    }

    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
