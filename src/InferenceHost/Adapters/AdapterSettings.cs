using Inference.Generation.Adapters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.Adapters;

/// <summary>The section "Adapters", with a directory that starts at the content root made absolute.</summary>
public sealed class AdapterSettings(IOptions<AdapterPoolOptions> options, IHostEnvironment environment)
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Adapters";

    /// <summary>What every model gets.</summary>
    public AdapterPoolOptions Value { get; } = string.IsNullOrEmpty(options.Value.Directory)
        ? options.Value : options.Value with { Directory = Path.Combine(environment.ContentRootPath, options.Value.Directory) };
}
