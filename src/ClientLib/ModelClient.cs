using Inference.ClientLib.Connections;
using Inference.Contracts.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>
/// ModelService. With several addresses each call goes to one of them: to load a model everywhere, use a client for each.
/// Loading and unloading are tried again only where the request never reached a server.
/// </summary>
public sealed class ModelClient
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Service =
        ModelsReflection.Descriptor.Services.Single(s => s.Name == "ModelService");

    private static readonly RpcMethod<ListModelsRequest, ListModelsResponse> ListMethod = new(Service, "ListModels");
    private static readonly RpcMethod<GetModelRequest, Model> GetMethod = new(Service, "GetModel");
    private static readonly RpcMethod<LoadModelRequest, LoadModelProgress> LoadMethod = new(Service, "LoadModel");
    private static readonly RpcMethod<UnloadModelRequest, UnloadModelResponse> UnloadMethod = new(Service, "UnloadModel");
    private readonly CallInvoker _invoker;

    internal ModelClient(CallInvoker invoker) => _invoker = invoker;

    public async Task<IReadOnlyList<Model>> ListAsync(InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(ListMethod, new ListModelsRequest(), options, cancellationToken)).Models;

    /// <exception cref="NotFoundException">The server has no model of this name.</exception>
    public Task<Model> GetAsync(string name, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(GetMethod, new GetModelRequest { Name = name }, options, cancellationToken);

    /// <summary>Loads a model; the last progress, of stage "ready", carries it.</summary>
    /// <param name="name">Under which it is served.</param>
    /// <param name="path">Relative to a model root of the server.</param>
    /// <param name="options">What this call does otherwise.</param>
    /// <param name="draftPath">A smaller model of the same vocabulary that guesses how answers go on, or null.</param>
    /// <param name="cancellationToken">Gives the load up.</param>
    public IAsyncEnumerable<LoadModelProgress> LoadAsync(
        string name, string path, InferenceCallOptions? options = null, string? draftPath = null, CancellationToken cancellationToken = default) =>
        _invoker.StreamAsync(LoadMethod, new LoadModelRequest { Name = name, Path = path, DraftPath = draftPath ?? "" }, options, isRepeatable: false, cancellationToken);

    /// <summary>Lets the model's running requests finish, then frees it.</summary>
    public Task UnloadAsync(string name, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(UnloadMethod, new UnloadModelRequest { Name = name }, options, cancellationToken, isRepeatable: false);
}
