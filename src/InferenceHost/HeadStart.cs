using System.Text.Json;
using Inference.Contracts.V1;
using Inference.Generation;
using Inference.InferenceHost.OpenAi;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.InferenceHost;

/// <summary>
/// Work that the start and the first request would otherwise wait for, on a thread of its own from the beginning: descriptions of the
/// gRPC messages, readers and writers of JSON, kernels. What needs one of them before it is done waits no longer than without.
/// </summary>
internal static class HeadStart
{
    private static readonly Lazy<Task> Lane = new(() => Task.Run(Prepare));

    /// <summary>Begins, the first time in a process.</summary>
    public static Task Begin() => Lane.Value;

    private static void Prepare()
    {
        _ = GenerationReflection.Descriptor;
        _ = ModelsReflection.Descriptor;
        CpuWarmUp.Run(DType.Q8_0, new LlmEngineOptions().KvCacheType);
        JsonSerializer.Deserialize("""{"prompt":[1],"stream":true,"stream_options":{}}""", OpenAiJson.Wire.CompletionRequest);
        JsonSerializer.Deserialize("""{"messages":[{"role":"user","content":""}]}""", OpenAiJson.Wire.ChatCompletionRequest);
        JsonSerializer.SerializeToUtf8Bytes(new CompletionResponse("", 0, "", [new CompletionChoice(0, "")], null), OpenAiJson.Wire.CompletionResponse);
    }
}
