using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Inference.Interop;

/// <summary>A gRPC call for call.js and call.py.</summary>
/// <param name="Address">"127.0.0.1:8081".</param>
/// <param name="Service">Full name.</param>
/// <param name="Method">Name.</param>
/// <param name="Descriptors">Base64 of the google.protobuf.FileDescriptorSet that describes the service.</param>
/// <param name="Requests">Requests in proto3 JSON with the fields' own names; one unless the method takes a stream.</param>
internal sealed record InteropCall(string Address, string Service, string Method, string Descriptors, IReadOnlyList<object> Requests)
{
    /// <summary>Cancel once this many messages came; 0 for never.</summary>
    public int CancelAfter { get; init; }

    /// <summary>0 for no deadline.</summary>
    public int DeadlineMs { get; init; }

    /// <summary>Compress requests.</summary>
    public bool Gzip { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <param name="address">Of the server.</param>
    /// <param name="service">Its descriptor.</param>
    /// <param name="method">Name.</param>
    /// <param name="requests">Anonymous objects with the fields' names as in the .proto file.</param>
    public static InteropCall To(Uri address, ServiceDescriptor service, string method, params object[] requests)
    {
        FileDescriptorSet set = new();
        Add(set, service.File, []);
        return new(address.Authority, service.FullName, method, set.ToByteString().ToBase64(), requests);
    }

    private static void Add(FileDescriptorSet set, FileDescriptor file, HashSet<string> seen)
    {
        if (!seen.Add(file.Name))
            return;
        foreach (FileDescriptor import in file.Dependencies)
            Add(set, import, seen);
        set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
    }
}
