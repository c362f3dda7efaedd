namespace Inference.Interop;

/// <summary>A test that needs a client of another make: one of "grpc-js", "grpcio", "buf", "openai". Skipped where that is missing.</summary>
internal sealed class InteropFactAttribute : FactAttribute
{
    public InteropFactAttribute(string client)
    {
        Skip = client switch
        {
            "grpc-js" => InteropClient.NodeMissing,
            "grpcio" => InteropClient.PythonMissing,
            "buf" => InteropClient.BufMissing,
            "openai" => InteropClient.OpenAiMissing,
            _ => throw new ArgumentException($"client '{client}' is not known", nameof(client)),
        };
    }
}
