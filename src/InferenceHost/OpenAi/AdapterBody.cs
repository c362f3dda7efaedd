using Inference.InferenceHost.Adapters;

namespace Inference.InferenceHost.OpenAi;

/// <summary>An adapter as /v1/adapters shows it.</summary>
internal sealed record AdapterBody(
    string Id, string Parent, string Name, string Version, IReadOnlyList<string> Versions, IReadOnlyList<string> History,
    bool Loaded, string? ContentHash, long? Bytes, int? Rank, int? Requests, bool? Pinned, long? LoadedAt)
{
    public string Object { get; } = "adapter";

    public static AdapterBody Of(ServedAdapter adapter) => new(
        $"{adapter.Model}:{adapter.Name}", adapter.Model, adapter.Name, adapter.Version, adapter.Versions, adapter.History,
        adapter.Loaded is not null, adapter.Loaded?.ContentHash, adapter.Loaded?.ByteLength, adapter.Loaded?.Config.Rank,
        adapter.Loaded?.Leases, adapter.Loaded?.IsPinned, adapter.Loaded?.LoadedAt.ToUnixTimeSeconds());
}

/// <summary>Answer of GET /v1/adapters.</summary>
internal sealed record AdapterListBody(IReadOnlyList<AdapterBody> Data)
{
    public string Object { get; } = "list";
}
