using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.V1;
using Inference.InferenceHost.Adapters;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Routing;

namespace Inference.InferenceHost.Grpc;

/// <summary>inference.v1.AdapterService.</summary>
internal sealed class AdapterGrpcService(AdapterCatalog adapters)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(AdaptersReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<ListAdaptersRequest, ListAdaptersResponse>("ListAdapters", (request, _) => Task.FromResult(List(request)))
            .Unary<LoadAdapterRequest, Adapter>("LoadAdapter", async (request, context) =>
                ToAdapter(await adapters.LoadAsync(request.Model, request.Name, request.Path, request.Pin, context.CancellationToken)))
            .Unary<UnloadAdapterRequest, UnloadAdapterResponse>("UnloadAdapter", async (request, context) =>
            {
                await adapters.UnloadAsync(request.Model, request.Name, context.CancellationToken);
                return new UnloadAdapterResponse();
            })
            .Unary<PinAdapterRequest, Adapter>("PinAdapter", (request, _) =>
                Task.FromResult(ToAdapter(adapters.Pin(request.Model, request.Name, request.Pinned))))
            .Unary<SetAliasRequest, Adapter>("SetAlias", async (request, context) =>
                ToAdapter(await adapters.SetAliasAsync(request.Model, request.Name, request.Target, context.CancellationToken)))
            .Unary<RollBackAliasRequest, Adapter>("RollBackAlias", async (request, context) =>
                ToAdapter(await adapters.RollBackAsync(request.Model, request.Name, context.CancellationToken))));

    private ListAdaptersResponse List(ListAdaptersRequest request)
    {
        ListAdaptersResponse response = new();
        response.Adapters.AddRange(adapters.List(request.Model).Select(ToAdapter));
        return response;
    }

    private static Adapter ToAdapter(ServedAdapter served)
    {
        Adapter adapter = new() { Name = served.Name, Model = served.Model, Version = served.Version };
        adapter.Versions.AddRange(served.Versions);
        adapter.History.AddRange(served.History);
        if (served.Loaded is { } loaded)
        {
            adapter.Loaded = new LoadedAdapter
            {
                ContentHash = loaded.ContentHash,
                Bytes = loaded.ByteLength,
                Rank = loaded.Config.Rank,
                Requests = loaded.Leases,
                Pinned = loaded.IsPinned,
                LoadedAt = Timestamp.FromDateTimeOffset(loaded.LoadedAt),
            };
        }

        return adapter;
    }
}
