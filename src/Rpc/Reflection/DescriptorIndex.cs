using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Inference.Rpc.Reflection;

/// <summary>The files behind a set of services, by name and by symbol.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _byName = [];
    private readonly Dictionary<string, FileDescriptor> _bySymbol = [];

    public DescriptorIndex(IReadOnlyList<ServiceDescriptor> services)
    {
        ServiceNames = [.. services.Select(s => s.FullName)];
        foreach (ServiceDescriptor service in services)
            AddFile(service.File);
    }

    public IReadOnlyList<string> ServiceNames { get; }

    public FileDescriptor? FindByName(string fileName) => _byName.GetValueOrDefault(fileName);

    public FileDescriptor? FindBySymbol(string symbol) => _bySymbol.GetValueOrDefault(symbol.TrimStart('.'));

    /// <summary>Whether a message has this name.</summary>
    public bool HasMessage(string name) =>
        FindBySymbol(name) is { } file && AllMessages(file.MessageTypes).Any(m => m.FullName == name.TrimStart('.'));

    /// <summary>The file, then all that it imports, each once.</summary>
    public static IEnumerable<ByteString> WithImports(FileDescriptor file)
    {
        HashSet<string> seen = [file.Name];
        Queue<FileDescriptor> waiting = new([file]);
        while (waiting.TryDequeue(out FileDescriptor? next))
        {
            yield return next.SerializedData;
            foreach (FileDescriptor import in next.Dependencies.Where(d => seen.Add(d.Name)))
                waiting.Enqueue(import);
        }
    }

    private void AddFile(FileDescriptor file)
    {
        if (!_byName.TryAdd(file.Name, file))
            return;
        foreach (IDescriptor symbol in Symbols(file))
            _bySymbol[symbol.FullName] = file;
        foreach (FileDescriptor import in file.Dependencies)
            AddFile(import);
    }

    private static IEnumerable<IDescriptor> Symbols(FileDescriptor file)
    {
        IReadOnlyList<MessageDescriptor> messages = [.. AllMessages(file.MessageTypes)];
        IEnumerable<EnumDescriptor> enums = [.. file.EnumTypes, .. messages.SelectMany(m => m.EnumTypes)];
        return [
            .. file.Services, .. file.Services.SelectMany(s => s.Methods), .. messages,
            .. messages.SelectMany(m => m.Fields.InDeclarationOrder()), .. messages.SelectMany(m => m.Oneofs),
            .. enums, .. enums.SelectMany(e => e.Values)];
    }

    private static IEnumerable<MessageDescriptor> AllMessages(IEnumerable<MessageDescriptor> messages) =>
        messages.SelectMany(m => AllMessages(m.NestedTypes).Prepend(m));
}
