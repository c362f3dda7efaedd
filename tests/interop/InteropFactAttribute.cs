namespace Inference.Interop;

/// <summary>A test that needs a client of another make: one of "grpc-js", "grpcio", "buf", "openai", "s3rver". Skipped where that is missing.</summary>
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
            "s3rver" => InteropClient.S3ServerMissing,
            _ => throw new ArgumentException($"client '{client}' is not known", nameof(client)),
        };
    }
}
