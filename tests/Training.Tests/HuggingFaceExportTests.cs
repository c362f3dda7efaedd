using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training.Tests;

public sealed class HuggingFaceExportTests
{
    [Fact]
    public void Exported_parameters_are_read_back_rounded_to_bf16_and_norms_are_vectors()
    {
        string directory = Directory.CreateTempSubdirectory("export-tests-").FullName;
        try
        {
            using ParameterSet parameters = LlamaParameters.Create(Tiny.Config, 1);

            HuggingFaceExport.Write(directory, parameters);

            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(directory, "model.safetensors"));
            Assert.Equal(parameters.Entries.Count, file.Tensors.Count);
            Assert.Equal("pt", file.Metadata["format"]);
            Assert.Equal([Tiny.Config.HiddenSize], file.Tensors[LlamaParameters.FinalNorm].Shape);
            foreach ((string name, Tensor tensor) in parameters.Entries)
            {
                float[] first = file.Get(name).ReadRow(0);
                Assert.All(first.Zip(tensor.Row(0).ToArray()), p => Assert.True(Math.Abs(p.First - p.Second) <= Math.Abs(p.Second) / 256));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
