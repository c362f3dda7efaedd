using Inference.Models.Lora;

namespace Inference.Generation.Adapters;

/// <summary>A loaded adapter at one moment.</summary>
/// <param name="Names">The names by which it was asked for, in ordinal order.</param>
/// <param name="Path">Its directory.</param>
/// <param name="ContentHash">Hash of its files.</param>
/// <param name="ByteLength">Bytes that it holds.</param>
/// <param name="Config">Ranks, scales, targets.</param>
/// <param name="Leases">Requests that use it.</param>
/// <param name="IsPinned">It stays whatever the budget.</param>
/// <param name="IsUnloading">It leaves when the last request has ended.</param>
/// <param name="LoadedAt">When it was loaded.</param>
public sealed record AdapterInfo(
    IReadOnlyList<string> Names, string Path, string ContentHash, long ByteLength, LoraConfig Config, int Leases, bool IsPinned, bool IsUnloading, DateTimeOffset LoadedAt);
