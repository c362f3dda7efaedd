using System.Text.Json.Serialization;

namespace Inference.JobWorker.Trainers;

/// <summary>What a trainer says: a line of JSON on its standard output. The last one is done, stopped or failed.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TrainerMetrics), "metrics")]
[JsonDerivedType(typeof(TrainerEvent), "event")]
[JsonDerivedType(typeof(TrainerCheckpoint), "checkpoint")]
[JsonDerivedType(typeof(TrainerDone), "done")]
[JsonDerivedType(typeof(TrainerStopped), "stopped")]
[JsonDerivedType(typeof(TrainerFailed), "failed")]
public abstract record TrainerMessage;
