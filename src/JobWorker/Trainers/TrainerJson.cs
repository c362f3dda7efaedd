using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.JobWorker.Trainers;

/// <summary>Generated reader and writer of what worker and trainer say to each other: a document a line.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(TrainerInput))]
[JsonSerializable(typeof(TrainerMessage))]
internal sealed partial class TrainerJson : JsonSerializerContext;
