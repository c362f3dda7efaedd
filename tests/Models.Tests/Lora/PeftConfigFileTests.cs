using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.TestSupport;

namespace Inference.Models.Tests.Lora;

public sealed class PeftConfigFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SharedDataTheory("hf/peft")]
    [InlineData("lora--llama-3.2-3B-rank32", 32, 64f, false, false)]
    [InlineData("lora--llama-3.2-3B-rank64-rslora", 64, 64f, true, false)]
    [InlineData("lora--llama-3.2-3B-rank32-dora", 32, 64f, false, true)]
    [InlineData("lora--llama-3.2-3B-rank10-target-mlp", 10, 20f, false, false)]
    public void Files_of_PEFT_are_read(string name, int rank, float alpha, bool rsLora, bool dora)
    {
        LoraConfig config = PeftConfigFile.Read(SharedData.Get($"hf/peft/{name}.adapter_config.json"));

        Assert.Equal((rank, alpha, rsLora, dora), (config.Rank, config.Alpha, config.UseRsLora, config.UseDora));
        Assert.Equal(name.EndsWith("mlp", StringComparison.Ordinal) ? ["gate_proj", "up_proj", "down_proj"] : null, config.TargetModules?.Names);
    }

    [SharedDataTheory("hf/peft")]
    [InlineData("adalora--llama-3.2-3B-rank32", "ADALORA")]
    [InlineData("vblora--llama-3.2-3B-default", "VBLORA")]
    [InlineData("prompt_tuning--llama-3.2-3B-sample_vocab-lr_0.001", "PROMPT_TUNING")]
    public void Other_kinds_of_adapters_are_refused_by_name(string name, string kind)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => PeftConfigFile.Read(SharedData.Get($"hf/peft/{name}.adapter_config.json")));

        Assert.Contains($"'peft_type' is {kind}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"r": 8}""", "peft_type")]
    [InlineData("""{"peft_type": "LORA", "r": 0}""", "'r'")]
    [InlineData("""{"peft_type": "LORA", "r": 5000}""", "4096")]
    [InlineData("""{"peft_type": "LORA", "bias": "all"}""", "'bias' is 'all'")]
    [InlineData("""{"peft_type": "LORA", "modules_to_save": ["lm_head"]}""", "modules_to_save")]
    [InlineData("""{"peft_type": "LORA", "fan_in_fan_out": true}""", "fan_in_fan_out")]
    [InlineData("""{"peft_type": "LORA", "init_lora_weights": "pissa_niter_16"}""", "pissa")]
    [InlineData("""{"peft_type": "LORA", "target_modules": "("}""", "target_modules")]
    [InlineData("""{"peft_type": "LORA", "rank_pattern": {"(": 3}}""", "rank_pattern")]
    [InlineData("""{"peft_type": "LORA", "rank_pattern": {"q": -1}}""", "rank_pattern.q")]
    [InlineData("""{"peft_type": "LORA", "lora_dropout": 1}""", "lora_dropout")]
    [InlineData("""["LORA"]""", "not a JSON object")]
    public void What_is_wrong_or_not_supported_is_refused_with_its_key(string json, string named)
    {
        string path = _directory.File(PeftConfigFile.Name);
        File.WriteAllText(path, json);

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => PeftConfigFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_written_configuration_reads_back()
    {
        string path = _directory.File(PeftConfigFile.Name);
        LoraConfig written = new()
        {
            Rank = 3,
            Alpha = 7.5f,
            Dropout = 0.25f,
            UseRsLora = true,
            UseDora = true,
            TargetModules = TargetModules.FromNames("q_proj", "mlp.up_proj"),
            ExcludeModules = TargetModules.FromText(@".*\.0\..*"),
            Layers = [0, 2],
            RankPattern = new Dictionary<string, int> { ["q_proj"] = 5 },
            AlphaPattern = new Dictionary<string, float> { ["q_proj"] = 2 },
            BaseModel = "base",
        };

        PeftConfigFile.Write(path, written);
        LoraConfig read = PeftConfigFile.Read(path);

        Assert.Equal(written with { TargetModules = null, ExcludeModules = null, Layers = null, RankPattern = read.RankPattern, AlphaPattern = read.AlphaPattern },
            read with { TargetModules = null, ExcludeModules = null, Layers = null });
        Assert.Equal(written.TargetModules!.Names, read.TargetModules!.Names);
        Assert.Equal(written.ExcludeModules!.Pattern, read.ExcludeModules!.Pattern);
        Assert.Equal(written.Layers, read.Layers);
        Assert.Equal(written.RankPattern, read.RankPattern);
        Assert.Equal(written.AlphaPattern, read.AlphaPattern);
    }

    [Fact]
    public void All_linear_stays_all_linear()
    {
        string path = _directory.File(PeftConfigFile.Name);

        PeftConfigFile.Write(path, new LoraConfig { TargetModules = TargetModules.AllLinear });

        Assert.Same(TargetModules.AllLinear, PeftConfigFile.Read(path).TargetModules);
    }
}
