using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>stories260K on disk, and a host that serves it from F32; without the shared data neither.</summary>
public sealed class StoriesFixture : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private RunningServer? _server;

    public RunningServer Server => _server!;

    /// <summary>The model's directory with weights in the format.</summary>
    public string ModelPath(DType type)
    {
        string path = _directory.File($"stories-{type}");
        if (!Directory.Exists(path))
        {
            StoriesModel.Write(path, type);
        }

        return path;
    }

    public async Task InitializeAsync()
    {
        if (SharedData.Find(StoriesModel.Data) is not null)
        {
            _server = await RunningServer.StartAsync(ModelPath(DType.F32));
        }
    }

    public async Task DisposeAsync()
    {
        using (_directory)
        {
            await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
