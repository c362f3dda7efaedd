using System.Runtime.CompilerServices;
using System.Text;
using Inference.Contracts.V1;
using Inference.Generation;
using Inference.InferenceHost.Models;
using Inference.InferenceHost.Prompts;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Routing;

namespace Inference.InferenceHost.Grpc;

/// <summary>inference.v1.GenerationService.</summary>
internal sealed class GenerationGrpcService(ModelCatalog catalog, PromptEncoder prompts)
{
    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(GenerationReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .ServerStream<GenerateRequest, GenerateResponse>("Generate", (request, context) => GenerateAsync(request, context))
            .Unary<TokenizeRequest, TokenizeResponse>("Tokenize", (request, context) => Task.FromResult(Tokenize(request, context)))
            .Unary<DetokenizeRequest, DetokenizeResponse>("Detokenize", (request, _) => Task.FromResult(Detokenize(request)))
            .Unary<ApplyChatTemplateRequest, ApplyChatTemplateResponse>(
                "ApplyChatTemplate", (request, context) => Task.FromResult(ApplyChatTemplate(request, context))));

    private async IAsyncEnumerable<GenerateResponse> GenerateAsync(
        GenerateRequest request, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        NamedModel named = catalog.Resolve(request.Model, request.Adapter);
        LanguageModel model = named.Model;
        GenerationRequest generation = new()
        {
            Id = context.HttpContext.TraceIdentifier,
            Prompt = Prompt(model, request, context.CancellationToken),
            Sampling = GenerateRequests.ToSampling(model, request.Sampling),
            Priority = request.Priority,
            Tenant = request.TenantId,
            SessionId = request.SessionId,
            Echo = request.Echo,
            Adapter = named.Adapter,
        };
        bool first = true;
        await foreach (GenerationUpdate update in model.Engine.GenerateAsync(generation, context.CancellationToken))
        {
            GenerateResponse response = GenerateResponses.ToResponse(update);
            if (first)
            {
                (response.RequestId, response.Model, first) = (generation.Id, named.Name, false);
            }

            yield return response;
        }

        context.CancellationToken.ThrowIfCancellationRequested();
    }

    private IReadOnlyList<int> Prompt(LanguageModel model, GenerateRequest request, CancellationToken cancellationToken) => request.PromptCase switch
    {
        GenerateRequest.PromptOneofCase.Text => prompts.EncodeText(model, "text", request.Text, !request.NoSpecialTokens, request.ParseSpecial),
        GenerateRequest.PromptOneofCase.Tokens => PromptEncoder.CheckTokens(model, "tokens.ids", request.Tokens.Ids.Select(id => (long)id)),
        GenerateRequest.PromptOneofCase.Chat => prompts.EncodeChat(model, GenerateRequests.ToChat(request.Chat), cancellationToken),
        _ => throw new InvalidRequestException("prompt", "one of text, tokens and chat must be set"),
    };

    private TokenizeResponse Tokenize(TokenizeRequest request, CallContext context)
    {
        LanguageModel model = catalog.Resolve(request.Model, null).Model;
        IReadOnlyList<int> ids = request.InputCase switch
        {
            TokenizeRequest.InputOneofCase.Text => prompts.EncodeText(model, "text", request.Text, !request.NoSpecialTokens, request.ParseSpecial),
            TokenizeRequest.InputOneofCase.Chat => prompts.EncodeChat(model, GenerateRequests.ToChat(request.Chat), context.CancellationToken),
            _ => throw new InvalidRequestException("input", "one of text and chat must be set"),
        };
        TokenizeResponse response = new();
        response.Ids.AddRange(ids.Select(id => (uint)id));
        response.Tokens.AddRange(ids.Select(id => Encoding.UTF8.GetString(model.Tokenizer.TokenBytes(id))));
        return response;
    }

    private DetokenizeResponse Detokenize(DetokenizeRequest request)
    {
        LanguageModel model = catalog.Resolve(request.Model, null).Model;
        IReadOnlyList<int> ids = PromptEncoder.CheckTokens(model, "ids", request.Ids.Select(id => (long)id), allowNone: true);
        return new DetokenizeResponse { Text = model.Tokenizer.Decode([.. ids], skipSpecialTokens: !request.IncludeSpecialTokens) };
    }

    private ApplyChatTemplateResponse ApplyChatTemplate(ApplyChatTemplateRequest request, CallContext context)
    {
        LanguageModel model = catalog.Resolve(request.Model, null).Model;
        Chat chat = request.Chat ?? throw new InvalidRequestException("chat", "must be set");
        return new ApplyChatTemplateResponse { Prompt = prompts.Render(model, GenerateRequests.ToChat(chat), context.CancellationToken) };
    }
}
