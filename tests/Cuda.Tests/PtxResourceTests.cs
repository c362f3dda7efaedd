using System.Text;
using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Tests;

public class PtxResourceTests
{
    [Fact]
    public void Embedded_ptx_is_found_by_its_files_name() =>
        Assert.Contains(".visible .entry add_index", Encoding.ASCII.GetString(PtxResource.Read(typeof(PtxResourceTests).Assembly, "AddIndex.ptx")));

    [Fact]
    public void A_missing_resource_is_told_with_those_that_are_there() => Assert.Equal(
        "Inference.Cuda.Tests has no resource Other.ptx; it has Inference.Cuda.Tests.Device.AddIndex.ptx, Inference.Cuda.Tests.Device.NotPtx.ptx",
        Assert.Throws<FileNotFoundException>(() => PtxResource.Read(typeof(PtxResourceTests).Assembly, "Other.ptx")).Message);

    [Fact]
    public void A_resource_that_is_no_ptx_is_refused() => Assert.Equal(
        "Inference.Cuda.Tests.Device.NotPtx.ptx is not PTX: it has no .version and .target",
        Assert.Throws<InvalidDataException>(() => PtxResource.Read(typeof(PtxResourceTests).Assembly, "NotPtx.ptx")).Message);
}
