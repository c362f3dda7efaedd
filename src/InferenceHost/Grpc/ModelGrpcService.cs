using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.V1;
using Inference.Generation;
using Inference.InferenceHost.Models;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Routing;
using ModelState = Inference.InferenceHost.Models.ModelState;
using WireModelState = Inference.Contracts.V1.ModelState;

namespace Inference.InferenceHost.Grpc;

/// <summary>inference.v1.ModelService.</summary>
internal sealed class ModelGrpcService(ModelCatalog catalog, ModelPaths paths)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(ModelsReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Unary<ListModelsRequest, ListModelsResponse>("ListModels", (_, _) => Task.FromResult(List()))
            .Unary<GetModelRequest, Model>("GetModel", (request, _) => Task.FromResult(ToModel(catalog.Get(request.Name))))
            .ServerStream<LoadModelRequest, LoadModelProgress>("LoadModel", (request, context) => LoadAsync(request, context))
            .Unary<UnloadModelRequest, UnloadModelResponse>("UnloadModel", async (request, _) =>
            {
                await catalog.UnloadAsync(request.Name);
                return new UnloadModelResponse();
            }));

    private ListModelsResponse List()
    {
        ListModelsResponse response = new();
        response.Models.AddRange(catalog.List().Select(ToModel));
        return response;
    }

    private async IAsyncEnumerable<LoadModelProgress> LoadAsync(
        LoadModelRequest request, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string path = paths.Resolve(request.Path);
        string? draft = request.DraftPath.Length > 0 ? paths.Resolve(request.DraftPath, "draft_path") : null;
        ProgressChannel progress = new();
        Task<CatalogEntry> load = catalog.LoadAsync(request.Name, path, draft, progress, context.CancellationToken);
        _ = load.ContinueWith(_ => progress.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (ModelLoadProgress stage in progress.ReadAllAsync())
        {
            if (stage.Stage != ModelLoadStage.Ready)
            {
                yield return new LoadModelProgress { Stage = StageName(stage.Stage), Fraction = (float)stage.Fraction };
            }
        }

        yield return new LoadModelProgress { Stage = StageName(ModelLoadStage.Ready), Fraction = 1, Model = ToModel(await load) };
    }

    private static string StageName(ModelLoadStage stage) => stage switch
    {
        ModelLoadStage.Open => "open",
        ModelLoadStage.Tokenizer => "tokenizer",
        ModelLoadStage.Weights => "weights",
        _ => "ready",
    };

    private static Model ToModel(CatalogEntry entry)
    {
        Model model = new()
        {
            Name = entry.Name,
            State = entry.State switch
            {
                ModelState.Loading => WireModelState.Loading,
                ModelState.Ready => WireModelState.Ready,
                _ => WireModelState.Unloading,
            },
            LoadedAt = entry.LoadedAt is { } loaded ? Timestamp.FromDateTimeOffset(loaded) : null,
        };
        if (entry is { Model: { } language, Facts: { } facts })
        {
            model.ParameterCount = facts.ParameterCount;
            model.WeightFormat = facts.WeightFormat;
            model.Device = facts.Device;
            model.Architecture = language.Config.Architecture;
            model.VocabularySize = language.Config.VocabularySize;
            model.ContextLength = language.Config.ContextLength;
            model.LayerCount = language.Config.LayerCount;
            model.WeightBytes = language.WeightBytes;
            model.HasChatTemplate = language.ChatTemplate is not null;
        }

        return model;
    }

    /// <summary>Reports come in the order in which they are made, unlike those of Progress.</summary>
    private sealed class ProgressChannel : IProgress<ModelLoadProgress>
    {
        private readonly Channel<ModelLoadProgress> _channel = Channel.CreateUnbounded<ModelLoadProgress>();

        public void Report(ModelLoadProgress value) => _channel.Writer.TryWrite(value);

        public void Complete() => _channel.Writer.TryComplete();

        public IAsyncEnumerable<ModelLoadProgress> ReadAllAsync() => _channel.Reader.ReadAllAsync();
    }
}
