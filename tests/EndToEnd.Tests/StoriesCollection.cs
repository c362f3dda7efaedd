namespace Inference.EndToEnd.Tests;

/// <summary>Tests that share one host with stories260K.</summary>
[CollectionDefinition(Name)]
public sealed class StoriesCollection : ICollectionFixture<StoriesFixture>
{
    public const string Name = "stories";
}
