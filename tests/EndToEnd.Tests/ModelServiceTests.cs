using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>Loading, listing and unloading over gRPC.</summary>
[Collection(StoriesCollection.Name)]
public class ModelServiceTests(StoriesFixture stories)
{
    [SharedDataFact(StoriesModel.Data)]
    public async Task A_model_is_loaded_used_and_unloaded_while_another_serves()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32));
        List<LoadModelProgress> progress = await LoadAsync(server, "second", Path.GetFileName(stories.ModelPath(DType.BF16)));

        Model model = await server.Channel.Unary(RunningServer.GetModel, new GetModelRequest { Name = "second" });
        string text = (await server.GenerateAsync(new GenerateRequest(Generations.Greedy(10, 1)) { Model = "second" })).Text();
        RpcException taken = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(server, "second", Path.GetFileName(stories.ModelPath(DType.BF16))));
        await server.Channel.Unary(RunningServer.UnloadModel, new UnloadModelRequest { Name = "second" });
        RpcException gone = await Assert.ThrowsAsync<RpcException>(() => server.GenerateAsync(new GenerateRequest { Model = "second", Text = "x" }));
        ListModelsResponse left = await server.Channel.Unary(RunningServer.ListModels, new ListModelsRequest());

        Assert.Equal(["open", "tokenizer", "weights", "ready"], progress.Select(p => p.Stage).Distinct());
        Assert.Equal(progress.Select(p => p.Fraction).Order(), progress.Select(p => p.Fraction));
        Assert.Equal(("llama", 512, 5, ModelState.Ready), (model.Architecture, model.VocabularySize, model.LayerCount, model.State));
        Assert.Equal((260_032, "BF16"), (model.ParameterCount, model.WeightFormat));
        Assert.NotEmpty(model.Device);
        Assert.StartsWith("Once upon", text);
        Assert.Equal(StatusCode.AlreadyExists, taken.StatusCode);
        Assert.Equal(StatusCode.NotFound, gone.StatusCode);
        Assert.Equal(RunningServer.ModelName, Assert.Single(left.Models).Name);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Without_emitted_code_the_device_names_none_and_the_text_is_the_same()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32), ("Device:EmittedCode", "false"), ("Device:Threads", "2"));

        Model model = await server.Channel.Unary(RunningServer.GetModel, new GetModelRequest { Name = RunningServer.ModelName });
        string text = (await server.GenerateAsync(Generations.Greedy(10, 1))).Text();

        Assert.Equal($"cpu ({CpuFeatures.Best.ToString().ToLowerInvariant()}, 2 threads)", model.Device);
        Assert.Equal((await stories.Server.GenerateAsync(Generations.Greedy(10, 1))).Text(), text);
    }

    [SharedDataTheory(StoriesModel.Data)]
    [InlineData("../..")]
    [InlineData("/etc")]
    [InlineData("stories-F32/../../..")]
    [InlineData("nowhere")]
    [InlineData("")]
    public async Task A_path_out_of_the_roots_or_to_nothing_is_refused(string path)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(stories.Server, "other", path));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Equal("path", exception.FieldViolations[0].Field);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_link_out_of_the_roots_is_refused()
    {
        string root = Path.GetDirectoryName(stories.ModelPath(DType.F32))!;
        Directory.CreateSymbolicLink(Path.Combine(root, "outside"), "/usr");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(stories.Server, "other", "outside/lib"));

        Assert.Contains("symbolic link", exception.Message);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_broken_model_is_failed_precondition_and_leaves_no_trace()
    {
        string root = Path.GetDirectoryName(stories.ModelPath(DType.F32))!;
        Directory.CreateDirectory(Path.Combine(root, "broken"));
        await File.WriteAllTextAsync(Path.Combine(root, "broken", "config.json"), "{");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(stories.Server, "broken", "broken"));
        ListModelsResponse models = await stories.Server.Channel.Unary(RunningServer.ListModels, new ListModelsRequest());

        Assert.Equal(StatusCode.FailedPrecondition, exception.StatusCode);
        Assert.Single(models.Models);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Text_is_tokenized_detokenized_and_put_into_the_template()
    {
        TokenizeResponse tokens = await stories.Server.Channel.Unary(RunningServer.Tokenize, new TokenizeRequest { Text = "Once upon a time é" });
        DetokenizeResponse text = await stories.Server.Channel.Unary(RunningServer.Detokenize, new DetokenizeRequest { Ids = { tokens.Ids } });
        ApplyChatTemplateResponse prompt = await stories.Server.Channel.Unary(RunningServer.ApplyChatTemplate,
            new ApplyChatTemplateRequest { Chat = new Chat { Messages = { new ChatMessage { Role = "user", Content = "Hi" } } } });

        Assert.Equal(1u, tokens.Ids[0]);
        Assert.Equal(tokens.Ids.Count, tokens.Tokens.Count);
        Assert.Equal("Once upon a time é", text.Text);
        Assert.Equal("<s>Hi", prompt.Prompt);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_model_is_loaded_with_a_draft_and_says_what_it_says_without()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32));
        string path = Path.GetFileName(stories.ModelPath(DType.BF16));
        await LoadAsync(server, "drafted", Path.GetFileName(stories.ModelPath(DType.F32)), path);
        RpcException missing = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(server, "other", path, "../nowhere"));

        Assert.Equal(
            (await server.GenerateAsync(Generations.Greedy(60, 1))).Text(),
            (await server.GenerateAsync(new GenerateRequest(Generations.Greedy(60, 1)) { Model = "drafted" })).Text());
        Assert.Equal(("draft_path", StatusCode.InvalidArgument), (missing.FieldViolations[0].Field, missing.StatusCode));
    }

    private static async Task<List<LoadModelProgress>> LoadAsync(RunningServer server, string name, string path, string draft = "")
    {
        List<LoadModelProgress> progress = [];
        await foreach (LoadModelProgress stage in server.Channel.ServerStream(RunningServer.LoadModel, new LoadModelRequest { Name = name, Path = path, DraftPath = draft }))
        {
            progress.Add(stage);
        }

        return progress;
    }
}
