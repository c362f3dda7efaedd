using System.Collections.Concurrent;
using Inference.Artifacts;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.Models;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.FineTuning;

/// <summary>
/// Reads data sets as jobs will, two at a time. A report is kept for those who ask again, and work goes on when the asker leaves: so a
/// file that takes longer than a client's patience has its report at the next try.
/// </summary>
public sealed class DatasetInspector(DatasetStore datasets, IOptions<DatasetStorageOptions> options) : IDisposable
{
    private const int MaxKept = 256;
    private const int AtOnce = 2;
    private readonly ConcurrentDictionary<Key, Task<DatasetReport>> _reports = new();
    private readonly SemaphoreSlim _turn = new(AtOnce);
    private readonly CancellationTokenSource _disposed = new();

    /// <summary>The report of a content.</summary>
    /// <param name="sha256">Of the content.</param>
    /// <param name="model">Whose tokens and template.</param>
    /// <param name="method">What the data is for.</param>
    /// <param name="maxTokens">Most tokens of an example.</param>
    /// <param name="asOf">The day that templates write.</param>
    /// <param name="cancellation">Ends the wait, not the work.</param>
    /// <exception cref="ArtifactException">The content is missing.</exception>
    public async Task<DatasetReport> InspectAsync(
        string sha256, BaseModel model, FineTuningMethod method, int maxTokens, DateTimeOffset asOf, CancellationToken cancellation)
    {
        if (_reports.Count >= MaxKept)
        {
            foreach ((Key old, Task<DatasetReport> task) in _reports.Where(r => r.Value.IsCompleted))
            {
                _reports.TryRemove(new KeyValuePair<Key, Task<DatasetReport>>(old, task));
            }
        }

        Key key = new(sha256, model.Path, method, maxTokens, asOf);
        Task<DatasetReport> report = _reports.GetOrAdd(key, k => Task.Run(() => ReadAsync(k, model), CancellationToken.None));
        try
        {
            return await report.WaitAsync(cancellation);
        }
        catch when (report.IsFaulted)
        {
            _reports.TryRemove(new KeyValuePair<Key, Task<DatasetReport>>(key, report));
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _disposed.Cancel();

    private async Task<DatasetReport> ReadAsync(Key key, BaseModel model)
    {
        await _turn.WaitAsync(_disposed.Token);
        try
        {
            await using Stream file = await datasets.OpenContentAsync(key.Sha256, _disposed.Token)
                ?? throw new ArtifactException($"\"{BlobName.Dataset(key.Sha256)}\" is missing");
            ExampleTokenizer tokenizer = new(model.Tokenizer, model.ChatTemplate, key.MaxTokens, key.AsOf);
            DatasetOptions limits = new() { MinExamples = options.Value.MinExamples };
            return new DatasetReader(tokenizer, key.Method, limits).Read(file, cancellation: _disposed.Token);
        }
        finally
        {
            _turn.Release();
        }
    }

    private readonly record struct Key(string Sha256, string Model, FineTuningMethod Method, int MaxTokens, DateTimeOffset AsOf);
}
