using Inference.Models.Lora;

namespace Inference.Models.Tests.Lora;

public sealed class TargetModulesTests
{
    private const string Query = "model.layers.1.self_attn.q_proj";

    [Theory]
    [InlineData("q_proj", true)]
    [InlineData("self_attn.q_proj", true)]
    [InlineData(Query, true)]
    [InlineData("proj", false)]
    [InlineData("xmodel.layers.1.self_attn.q_proj", false)]
    public void A_name_of_a_list_matches_exactly_or_as_a_suffix_after_a_dot(string name, bool expected) =>
        Assert.Equal(expected, TargetModules.FromNames(name).Matches(Query));

    [Theory]
    [InlineData(@".*\.(q|v)_proj", true)]
    [InlineData("q_proj", false)]
    [InlineData(@"model\.layers\.1\..*", true)]
    [InlineData(@"model\.layers\.1\.", false)]
    [InlineData(@"(?!.*k_proj).*_proj", true)]
    [InlineData("q_proj|.*q_proj", true)]
    public void A_string_is_a_regular_expression_for_the_whole_name(string pattern, bool expected) =>
        Assert.Equal(expected, TargetModules.FromText(pattern).Matches(Query));

    [Fact]
    public void All_linear_is_every_layer_but_the_head()
    {
        ModelConfig config = ModelShapes.Find("tiny");
        LoraConfig lora = new() { TargetModules = TargetModules.FromText("All-Linear") };

        IReadOnlyList<LinearModule> layers = lora.Resolve(config);

        Assert.Equal(7 * config.LayerCount, layers.Count);
        Assert.Contains(layers, layer => layer == new LinearModule("model.layers.1.mlp.down_proj", config.HiddenSize, config.IntermediateSize));
        Assert.DoesNotContain(layers, layer => layer.Name == LinearModule.Head);
    }

    [Fact]
    public void Target_modules_without_a_match_are_an_error()
    {
        LoraConfig lora = new() { TargetModules = TargetModules.FromNames("query") };

        Assert.Contains("query", Assert.Throws<ArgumentException>(() => lora.Resolve(ModelShapes.Find("tiny"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Excluded_layers_and_other_blocks_are_left_out()
    {
        LoraConfig lora = new()
        {
            TargetModules = TargetModules.FromNames("q_proj", "v_proj"),
            ExcludeModules = TargetModules.FromNames("v_proj"),
            Layers = [1],
        };

        Assert.Equal([Query], lora.Resolve(ModelShapes.Find("tiny")).Select(layer => layer.Name));
    }

    [Theory]
    [InlineData(false, 2f)]
    [InlineData(true, 4f)]
    public void The_scale_is_alpha_by_rank_or_by_its_root(bool rsLora, float expected)
    {
        LoraConfig lora = new() { Rank = 4, Alpha = 8, UseRsLora = rsLora };

        Assert.Equal(expected, lora.ScaleOf(Query));
    }

    [Fact]
    public void The_first_pattern_for_the_end_of_a_name_gives_rank_and_alpha()
    {
        LoraConfig lora = new()
        {
            Rank = 4,
            Alpha = 8,
            RankPattern = new Dictionary<string, int> { [@"layers\.0\..*q_proj"] = 2, ["q_proj"] = 16, ["self_attn.q_proj"] = 3 },
            AlphaPattern = new Dictionary<string, float> { ["q_proj"] = 32 },
        };

        Assert.Equal(16, lora.RankOf(Query));
        Assert.Equal(2, lora.ScaleOf(Query));
        Assert.Equal(2, lora.RankOf("model.layers.0.self_attn.q_proj"));
        Assert.Equal(4, lora.RankOf("model.layers.1.self_attn.xq_proj"));
    }
}
