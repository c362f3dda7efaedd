using Inference.Generation;
using Inference.Generation.Adapters;
using Inference.InferenceHost.Models;
using Inference.Models.Lora;
using Inference.Models.Weights;

namespace Inference.InferenceHost.Adapters;

/// <summary>What operators do with the adapters of the loaded models: list, load, unload, pin, and move what a name means.</summary>
internal sealed class AdapterCatalog(ModelCatalog models, ModelPaths paths)
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
    public ServedAdapter SetAlias(string? model, string name, string target) => Move(model, name, "target", directory => directory.Point(name, target));

    /// <exception cref="InvalidRequestException">The name never meant anything else, or no directory is configured.</exception>
    public ServedAdapter RollBack(string? model, string name) => Move(model, name, "name", directory => directory.Rollback(name));

    private ServedAdapter Move(string? model, string name, string field, Action<AdapterDirectory> move)
    {
        LanguageModel of = models.Find(model);
        AdapterDirectory directory = of.Adapters.Directory ?? throw new InvalidRequestException("name", "no directory of adapters is configured (Adapters:Directory)");
        try
        {
            move(directory);
        }
        catch (ArgumentException error)
        {
            throw new InvalidRequestException(error.ParamName == "name" ? "name" : field, error.Message);
        }

        return Describe(of, name);
    }

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
