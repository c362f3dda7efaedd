using Inference.Artifacts;
using Inference.Interop;
using Inference.TestSupport;

namespace Inference.JobWorker.Tests;

/// <summary>The same behaviour of a directory and of a bucket.</summary>
public sealed class ArtifactTests : IDisposable
{
    // S3 takes no smaller parts than 5 MiB; only the last may be smaller.
    private const int PartBytes = 5 << 20;

    private readonly TemporaryDirectory _directory = new(inMemory: true);

    [Fact]
    public Task A_directory_gives_back_what_was_put_and_lists_it() => Gives_back_what_was_put_and_lists_it(Local());

    [InteropFact("s3rver")]
    public Task A_bucket_gives_back_what_was_put_and_lists_it() => WithBucketAsync(Gives_back_what_was_put_and_lists_it);

    [Fact]
    public Task A_put_that_fails_half_way_into_a_directory_changes_nothing() => A_put_that_fails_half_way_changes_nothing(Local());

    [InteropFact("s3rver")]
    public Task A_put_that_fails_half_way_into_a_bucket_changes_nothing() => WithBucketAsync(A_put_that_fails_half_way_changes_nothing);

    [Fact]
    public Task An_artifact_in_a_directory_is_loaded_as_it_was_saved_or_not_at_all() => An_artifact_is_loaded_as_saved_or_not_at_all(Local());

    [InteropFact("s3rver")]
    public Task An_artifact_in_a_bucket_is_loaded_as_it_was_saved_or_not_at_all() => WithBucketAsync(An_artifact_is_loaded_as_saved_or_not_at_all);

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("..")]
    [InlineData(".partial/x")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a/")]
    public async Task A_name_that_leads_out_of_the_store_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Local().PutAsync(name, new MemoryStream([1])));
        await Assert.ThrowsAsync<ArgumentException>(() => Local().OpenAsync(name));
    }

    public void Dispose() => _directory.Dispose();

    private static async Task Gives_back_what_was_put_and_lists_it(IBlobStore store)
    {
        byte[] small = Bytes(1, 1000), large = Bytes(2, (2 * PartBytes) + 12345);
        await store.PutAsync("a/b/small", new MemoryStream(small));
        await store.PutAsync("a/large.bin", new MemoryStream(large));
        await store.PutAsync("ab/other", new MemoryStream([]));
        await store.PutAsync("a/b/small", new MemoryStream([.. small, 7]));

        Assert.Equal<byte[]>([.. small, 7], await ReadAsync(store, "a/b/small"));
        Assert.Equal(large, await ReadAsync(store, "a/large.bin"));
        Assert.Empty(await ReadAsync(store, "ab/other"));
        Assert.Null(await store.OpenAsync("a/none"));
        Assert.Equal<IEnumerable<string>>(["a/b/small", "a/large.bin"], await store.ListAsync("a"));
        Assert.Empty(await store.ListAsync("none"));

        await store.DeleteAsync("a/large.bin");
        await store.DeleteAsync("a/large.bin");
        Assert.Equal<IEnumerable<string>>(["a/b/small"], await store.ListAsync("a"));
    }

    private static async Task A_put_that_fails_half_way_changes_nothing(IBlobStore store)
    {
        byte[] before = Bytes(3, 100);
        await store.PutAsync("dir/kept", new MemoryStream(before));

        foreach (string name in new[] { "dir/kept", "dir/new" })
        {
            await Assert.ThrowsAnyAsync<Exception>(() => store.PutAsync(name, new TornStream(Bytes(4, 2 * PartBytes), PartBytes + 1000)));
        }

        Assert.Equal(before, await ReadAsync(store, "dir/kept"));
        Assert.Equal<IEnumerable<string>>(["dir/kept"], await store.ListAsync("dir"));
    }

    private async Task An_artifact_is_loaded_as_saved_or_not_at_all(IBlobStore blobs)
    {
        ArtifactStore store = new(blobs);
        string source = _directory.File("source");
        Directory.CreateDirectory(Path.Combine(source, "deeper"));
        byte[] one = Bytes(5, 5000), two = Bytes(6, 10);
        await File.WriteAllBytesAsync(Path.Combine(source, "one.bin"), one);
        await File.WriteAllBytesAsync(Path.Combine(source, "deeper", "two.bin"), two);
        ArtifactReference saved = await store.SaveAsync("jobs/7/1/checkpoint-5", source);

        await store.LoadAsync(ArtifactReference.Parse(saved.ToString()), _directory.File("target"));
        Assert.Equal(one, await File.ReadAllBytesAsync(_directory.File("target/one.bin")));
        Assert.Equal(two, await File.ReadAllBytesAsync(_directory.File("target/deeper/two.bin")));

        // A flipped bit, a cut end, a missing file, another manifest.
        await blobs.PutAsync($"{saved.Name}/one.bin", new MemoryStream([(byte)(one[0] ^ 1), .. one[1..]]));
        await FailsAsync(saved, "one.bin");
        await blobs.PutAsync($"{saved.Name}/one.bin", new MemoryStream(one[..^1]));
        await FailsAsync(saved, "one.bin");
        await blobs.DeleteAsync($"{saved.Name}/one.bin");
        await FailsAsync(saved, "one.bin");
        await FailsAsync(saved with { ManifestHash = new string('0', 64) }, ArtifactStore.ManifestName);
        await FailsAsync(new ArtifactReference("jobs/7/1/none", saved.ManifestHash), ArtifactStore.ManifestName);

        await store.DeleteAsync(saved.Name);
        Assert.Empty(await blobs.ListAsync("jobs"));

        async Task FailsAsync(ArtifactReference reference, string named)
        {
            ArtifactException exception =
                await Assert.ThrowsAsync<ArtifactException>(() => store.LoadAsync(reference, _directory.File("damaged")));
            Assert.Contains(named, exception.Message);
        }
    }

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(IBlobStore store, string name)
    {
        await using Stream stream = await store.OpenAsync(name) ?? throw new FileNotFoundException(name);
        using MemoryStream bytes = new();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private LocalBlobStore Local() => new(_directory.File("store"));

    private async Task WithBucketAsync(Func<IBlobStore, Task> test)
    {
        await using S3Server server = await S3Server.StartAsync(_directory.File("s3"));
        server.Options.Prefix = "some/prefix";
        using S3BlobStore store = new(server.Options, PartBytes);
        await test(store);
    }

    /// <summary>Breaks after so many bytes, as a disk or a process may.</summary>
    private sealed class TornStream(byte[] content, int breaksAt) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => Position + count > breaksAt ? throw new IOException("torn") : base.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => Position + buffer.Length > breaksAt ? throw new IOException("torn") : base.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            byte[] part = new byte[1000];
            return Task.Run(async () =>
            {
                while (Read(part) is int read and > 0)
                {
                    await destination.WriteAsync(part.AsMemory(0, read), cancellationToken);
                }
            });
        }
    }
}
