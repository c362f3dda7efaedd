using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.Models.Weights;
using Inference.Rpc;
using Inference.Rpc.Details;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;

namespace Inference.JobWorker.Grpc;

/// <summary>Exceptions of jobs and data sets as gRPC statuses with details.</summary>
internal static class GrpcErrors
{
    private const string Domain = "inference";

    /// <summary>The status of an exception; null for one that the host does not know.</summary>
    public static RpcException? From(Exception exception) => exception switch
    {
        InvalidFieldsException invalid => RpcException.InvalidFields([.. invalid.Violations]),
        ResourceNotFoundException missing => new RpcException(StatusCode.NotFound, missing.Message,
            new ResourceInfo { ResourceType = missing.Type, ResourceName = missing.Id, Description = missing.Message }),
        JobNotFoundException => new RpcException(StatusCode.NotFound, exception.Message),
        JobStateException state => new RpcException(StatusCode.FailedPrecondition, JobIds.Describe(state), Info("WRONG_STATE")),
        SubmitKeyConflictException => new RpcException(StatusCode.AlreadyExists, exception.Message, Info("SUBMIT_KEY_USED")),
        DatasetTooLargeException => RpcException.InvalidFields(("content", exception.Message)),
        ModelFormatException or TokenizerFormatException or ChatTemplateException =>
            new RpcException(StatusCode.FailedPrecondition, exception.Message, Info("MODEL_UNUSABLE")),
        _ => null,
    };

    private static ErrorInfo Info(string reason) => new() { Domain = Domain, Reason = reason };
}
