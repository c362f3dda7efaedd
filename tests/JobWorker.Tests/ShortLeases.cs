namespace Inference.JobWorker.Tests;

/// <summary>Tests whose leases last a second or two: they have the machine for themselves.</summary>
[CollectionDefinition(nameof(ShortLeases), DisableParallelization = true)]
public class ShortLeases;
