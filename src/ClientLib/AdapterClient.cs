using Inference.ClientLib.Connections;
using Inference.Contracts.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>
/// AdapterService. With several addresses each call goes to one of them: what a name means is shared by servers with one directory
/// of adapters, what is loaded is each server's own. The model is null for the server's default one.
/// </summary>
public sealed class AdapterClient
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Service =
        AdaptersReflection.Descriptor.Services.Single(s => s.Name == "AdapterService");

    private static readonly RpcMethod<ListAdaptersRequest, ListAdaptersResponse> ListMethod = new(Service, "ListAdapters");
    private static readonly RpcMethod<LoadAdapterRequest, Adapter> LoadMethod = new(Service, "LoadAdapter");
    private static readonly RpcMethod<UnloadAdapterRequest, UnloadAdapterResponse> UnloadMethod = new(Service, "UnloadAdapter");
    private static readonly RpcMethod<PinAdapterRequest, Adapter> PinMethod = new(Service, "PinAdapter");
    private static readonly RpcMethod<SetAliasRequest, Adapter> SetAliasMethod = new(Service, "SetAlias");
    private static readonly RpcMethod<RollBackAliasRequest, Adapter> RollBackMethod = new(Service, "RollBackAlias");
    private readonly CallInvoker _invoker;

    internal AdapterClient(CallInvoker invoker) => _invoker = invoker;

    /// <summary>The adapters that requests may name, of one model or of all.</summary>
    public async Task<IReadOnlyList<Adapter>> ListAsync(string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(ListMethod, new ListAdaptersRequest { Model = model ?? "" }, options, cancellationToken)).Adapters;

    /// <summary>Reads an adapter before the first request needs it.</summary>
    /// <param name="name">"name" or "name@version".</param>
    /// <param name="path">Relative to a model root of the server, or null: the adapters' directory.</param>
    /// <param name="pin">Keep it whatever the server's budget.</param>
    /// <param name="model">The base.</param>
    /// <param name="options">What this call does otherwise.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="NotFoundException">There is no such adapter or model.</exception>
    public Task<Adapter> LoadAsync(
        string name, string? path = null, bool pin = false, string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(LoadMethod, new LoadAdapterRequest { Name = name, Path = path ?? "", Pin = pin, Model = model ?? "" }, options, cancellationToken);

    /// <summary>Takes an adapter out of memory; ends when the last request that uses it has ended.</summary>
    public Task UnloadAsync(string name, string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(UnloadMethod, new UnloadAdapterRequest { Name = name, Model = model ?? "" }, options, cancellationToken, isRepeatable: false);

    /// <summary>Keeps a loaded adapter whatever the budget, or no longer.</summary>
    public Task<Adapter> PinAsync(string name, bool pinned = true, string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(PinMethod, new PinAdapterRequest { Name = name, Pinned = pinned, Model = model ?? "" }, options, cancellationToken);

    /// <summary>Makes a name mean a version of its own, or "name@version" of another adapter, from the next request on.</summary>
    public Task<Adapter> SetAliasAsync(string name, string target, string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(SetAliasMethod, new SetAliasRequest { Name = name, Target = target, Model = model ?? "" }, options, cancellationToken);

    /// <summary>Makes a name mean what it meant before.</summary>
    public Task<Adapter> RollBackAsync(string name, string? model = null, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(RollBackMethod, new RollBackAliasRequest { Name = name, Model = model ?? "" }, options, cancellationToken, isRepeatable: false);
}
