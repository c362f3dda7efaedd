using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.Hosting;

/// <summary>What a host does. A process carries one role (a cluster) or several (one machine), on the same two ports.</summary>
/// <param name="Name">Its name; it becomes ready under it.</param>
/// <param name="SettingsFile">File of settings beside the program.</param>
/// <param name="Add">Adds its services and binds its sections.</param>
/// <param name="Map">Maps its endpoints.</param>
public sealed record HostRole(
    string Name, string SettingsFile, Action<IServiceCollection, IConfiguration> Add, Action<IEndpointRouteBuilder> Map);
