using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.InferenceHost.Models;
using Inference.Models.Weights;
using Inference.Rpc;
using Inference.Rpc.Details;
using Inference.Text.Tokenizers;

namespace Inference.InferenceHost.Grpc;

/// <summary>Exceptions of the platform as gRPC statuses with details.</summary>
internal static class GrpcErrors
{
    private const string Domain = "inference";

    /// <summary>The status of an exception; null for one that the host does not know.</summary>
    public static RpcException? From(Exception exception) => exception switch
    {
        InvalidRequestException invalid => RpcException.InvalidFields([.. invalid.Violations.Select(v => (v.Field, v.Description))]),
        UnknownModelException unknown => new RpcException(StatusCode.NotFound, unknown.Message,
            new ResourceInfo { ResourceType = "model", ResourceName = unknown.Name, Description = unknown.Message }, Info("MODEL_NOT_FOUND")),
        UnknownAdapterException unknown => new RpcException(StatusCode.NotFound, unknown.Message,
            new ResourceInfo { ResourceType = "adapter", ResourceName = unknown.Name, Description = unknown.Message }, Info("ADAPTER_NOT_FOUND")),
        AdapterBudgetException full => RpcException.Exhausted(full.Message, full.RetryAfter),
        QueueFullException full => RpcException.Exhausted(full.Message, full.RetryAfter),
        EngineDrainingException or ModelNotReadyException => new RpcException(StatusCode.Unavailable, exception.Message, Info("MODEL_NOT_READY")),
        ObjectDisposedException => new RpcException(StatusCode.Unavailable, "the model is unloaded", Info("MODEL_NOT_READY")),
        ModelExistsException => new RpcException(StatusCode.AlreadyExists, exception.Message, Info("MODEL_EXISTS")),
        TooManyModelsException => new RpcException(StatusCode.FailedPrecondition, exception.Message, Info("TOO_MANY_MODELS")),
        InvalidDataException or ModelFormatException or TokenizerFormatException => new RpcException(StatusCode.FailedPrecondition, exception.Message, Info("MODEL_UNUSABLE")),
        _ => null,
    };

    private static ErrorInfo Info(string reason) => new() { Domain = Domain, Reason = reason };
}
