using System.Collections.Concurrent;
using Inference.Generation;
using Inference.Text.Tokenizers;

namespace Inference.InferenceHost.Models;

/// <summary>Tokenizers of models that will be loaded, read while the rest of the host is put together.</summary>
public sealed class TokenizersAhead
{
    private readonly ConcurrentDictionary<string, Task<Tokenizer>> _reading = [];

    /// <summary>Begins to read.</summary>
    /// <param name="settings">Settings of the host; models to load in other sources are read when they are loaded.</param>
    /// <param name="after">What goes first, whether it fails or not.</param>
    public TokenizersAhead(IEnumerable<KeyValuePair<string, string?>> settings, Task after)
    {
        foreach ((string key, string? path) in settings)
        {
            if (path is not null && key.StartsWith($"{ModelsOptions.Section}:{nameof(ModelsOptions.Load)}:", StringComparison.OrdinalIgnoreCase)
                && key.EndsWith($":{nameof(ModelSource.Path)}", StringComparison.OrdinalIgnoreCase))
            {
                _reading.TryAdd(path, ReadAsync(path, after));
            }
        }
    }

    /// <summary>The tokenizer of a model that is loaded for the first time, or null where nobody has begun to read it. What is wrong with its files is told by the task.</summary>
    public Task<Tokenizer>? Take(string path) => _reading.TryRemove(path, out Task<Tokenizer>? reading) ? reading : null;

    private static async Task<Tokenizer> ReadAsync(string path, Task after)
    {
        await after.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return LanguageModel.ReadTokenizer(path);
    }
}
