using System.Text.Json;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests;

public class FineTuningSpecTests
{
    [Fact]
    public void A_spec_written_and_read_is_the_same()
    {
        FineTuningSpec spec = new()
        {
            BaseModel = "demo",
            Method = FineTuningMethod.Dpo,
            TrainingData = new string('a', 64),
            AdapterName = "anna",
            Seed = 5,
            Hyperparameters = new() { Epochs = 2, LearningRate = 1e-4f, TargetModules = ["q_proj", "v_proj"], UseDora = true },
            Metadata = new Dictionary<string, string> { ["class"] = "4b" },
        };

        string json = spec.ToJson();

        Assert.Contains("\"method\":\"dpo\"", json);
        Assert.Equal(json, FineTuningSpec.Parse(json).ToJson());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"base_model":"demo","training_data":"ab","sead":1}""")]
    public void A_document_that_is_no_spec_is_refused(string json) => Assert.Throws<JsonException>(() => FineTuningSpec.Parse(json));
}
