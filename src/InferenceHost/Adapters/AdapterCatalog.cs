using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.InferenceHost.Models;
using Inference.Models.Lora;
using Inference.Models.Weights;

namespace Inference.InferenceHost.Adapters;

/// <summary>What operators do with the adapters of the loaded models: list, load, unload, pin, and move what a name means.</summary>
internal sealed class AdapterCatalog(ModelCatalog models, ModelPaths paths, AdapterSettings settings)
{
    /// <summary>
    /// All adapters that requests may name. One whose configuration names another loaded model as its base is not listed for this
    /// one; one that cannot be read is not listed.
    /// </summary>
    /// <exception cref="UnknownModelException">There is no such base.</exception>
    public IReadOnlyList<ServedAdapter> List(string? model = null)
    {
        LanguageModel[] bases = string.IsNullOrEmpty(model)
            ? [.. models.List().Where(e => e.State == ModelState.Ready).Select(e => e.Model!)] : [models.Find(model)];
        HashSet<string> loaded = [.. models.List().Select(e => e.Name)];
        return [.. bases.SelectMany(m => Names(m).Select(name => Describe(m, name, loaded)).OfType<ServedAdapter>())];
    }

    /// <exception cref="InvalidRequestException">The name or the path is none.</exception>
    public async Task<ServedAdapter> LoadAsync(string? model, string name, string? path, bool pin, CancellationToken cancellationToken)
    {
        LanguageModel of = models.Find(model);
        await of.Adapters.LoadAsync(name, string.IsNullOrEmpty(path) ? null : paths.Resolve(path), pin, cancellationToken);
        return Describe(of, name);
    }

    public Task UnloadAsync(string? model, string name, CancellationToken cancellationToken) => models.Find(model).Adapters.UnloadAsync(name, cancellationToken);

    public ServedAdapter Pin(string? model, string name, bool pinned)
    {
        LanguageModel of = models.Find(model);
        of.Adapters.Pin(name, pinned);
        return Describe(of, name);
    }

    /// <exception cref="InvalidRequestException">The name is none, the target is not there, or no directory is configured.</exception>
    public Task<ServedAdapter> SetAliasAsync(string? model, string name, string target, CancellationToken cancellationToken) =>
        MoveAsync(model, name, "target", [name, VersionOf(name, target)], directory => directory.Point(name, target), cancellationToken);

    /// <exception cref="InvalidRequestException">The name never meant anything else, or no directory is configured.</exception>
    public Task<ServedAdapter> RollBackAsync(string? model, string name, CancellationToken cancellationToken) =>
        MoveAsync(model, name, "name", [name], directory => directory.Rollback(name), cancellationToken);

    /// <param name="model">The base.</param>
    /// <param name="name">What is to mean something else.</param>
    /// <param name="field">The request's field that may be at fault besides the name.</param>
    /// <param name="needed">What has to be in a directory of copies before.</param>
    /// <param name="move">The move.</param>
    /// <param name="cancellationToken">Stops waiting for the bucket.</param>
    private async Task<ServedAdapter> MoveAsync(
        string? model, string name, string field, string[] needed, Action<AdapterDirectory> move, CancellationToken cancellationToken)
    {
        LanguageModel of = models.Find(model);
        AdapterDirectory directory = of.Adapters.Directory ?? throw new InvalidRequestException("name", "no directory of adapters is configured (Adapters:Directory)");
        if (settings.Mirror is { } mirror)
        {
            foreach (string reference in needed)
            {
                await mirror.FetchAsync(reference, cancellationToken);
            }

            await MirrorFormerAsync(mirror, directory, name, cancellationToken);
        }

        try
        {
            move(directory);
        }
        catch (ArgumentException error)
        {
            throw new InvalidRequestException(error.ParamName == "name" ? "name" : field, error.Message);
        }

        await (settings.Mirror?.PublishAsync(name, cancellationToken) ?? Task.CompletedTask);
        return Describe(of, name);
    }

    /// <summary>What a rollback would lead to.</summary>
    private static async Task MirrorFormerAsync(AdapterMirror mirror, AdapterDirectory directory, string name, CancellationToken cancellationToken)
    {
        if (directory.History(name) is [_, string former, ..])
        {
            await mirror.FetchAsync(VersionOf(name, former), cancellationToken);
        }
    }

    private static string VersionOf(string name, string target) =>
        target.Contains(AdapterDirectory.VersionSeparator, StringComparison.Ordinal) ? target : $"{name}{AdapterDirectory.VersionSeparator}{target}";

    private static IEnumerable<string> Names(LanguageModel model) =>
        (model.Adapters.Directory?.Names() ?? []).Concat(model.Adapters.Registered()).Distinct().Order(StringComparer.Ordinal);

    private static ServedAdapter Describe(LanguageModel model, string name) => Describe(model, name, null) ?? throw new UnknownAdapterException(name);

    private static ServedAdapter? Describe(LanguageModel model, string name, HashSet<string>? models)
    {
        AdapterDirectory? directory = model.Adapters.Directory;
        AdapterVersion? version = model.Adapters.Registered().Contains(name) ? null : directory?.Find(name);
        if (models is not null && version is not null && IsOfAnother(version.Path, model.Name, models))
        {
            return null;
        }

        return new ServedAdapter(
            model.Name, name, version?.Version ?? "", directory?.Versions(name) ?? [], directory?.History(name) ?? [],
            model.Adapters.List().FirstOrDefault(a => !a.IsUnloading && (version is null ? a.Names.Contains(name) : a.Path == version.Path)));
    }

    private static bool IsOfAnother(string path, string model, HashSet<string> models)
    {
        try
        {
            return PeftConfigFile.Read(Path.Combine(path, PeftConfigFile.Name)).BaseModel is { } name && name != model && models.Contains(name);
        }
        catch (Exception error) when (error is ModelFormatException or IOException)
        {
            return true;
        }
    }
}
