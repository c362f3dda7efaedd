using System.Text.Json.Serialization;

namespace Inference.JobWorker.OpenAi;

/// <summary>Generated readers and writers of the API's bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreateJobBody))]
[JsonSerializable(typeof(JobBody))]
[JsonSerializable(typeof(FileBody))]
[JsonSerializable(typeof(DeletedFileBody))]
[JsonSerializable(typeof(ListBody<JobBody>))]
[JsonSerializable(typeof(ListBody<FileBody>))]
[JsonSerializable(typeof(ListBody<EventBody>))]
[JsonSerializable(typeof(ListBody<CheckpointBody>))]
internal sealed partial class ApiJson : JsonSerializerContext;
