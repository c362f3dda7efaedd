using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Inference.Artifacts;

/// <summary>Files in a bucket of Amazon S3 or of a server that speaks its protocol. Large ones go up in parts.</summary>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    // S3 takes 5 MiB to 5 GiB a part and 10,000 parts: 640 GB.
    private const int PartBytes = 64 << 20;

    private readonly AmazonS3Client _client;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly int _partBytes;

    /// <summary>Connects with the first use.</summary>
    public S3BlobStore(S3Options options)
        : this(options, PartBytes)
    {
    }

    internal S3BlobStore(S3Options options, int partBytes)
    {
        AmazonS3Config config = new()
        {
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,

            // Our own hashes check what is read; older servers know no checksums and store chunk framing as content.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint.Length > 0)
        {
            config.ServiceURL = options.Endpoint;
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        }

        _client = options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
        _bucket = options.Bucket;
        _prefix = options.Prefix.Length > 0 ? BlobName.Check(options.Prefix) + "/" : "";
        _partBytes = partBytes;
    }

    /// <inheritdoc/>
    public async Task PutAsync(string name, Stream content, CancellationToken cancellation = default)
    {
        string key = KeyOf(name);
        content.Position = 0;
        if (content.Length > _partBytes)
        {
            await PutPartsAsync(key, content, cancellation);
            return;
        }

        await _client.PutObjectAsync(Put(key, content), cancellation);
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return (await _client.GetObjectAsync(_bucket, KeyOf(name), cancellation)).ResponseStream;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(string directory, CancellationToken cancellation = default)
    {
        ListObjectsV2Request request = new() { BucketName = _bucket, Prefix = KeyOf(directory) + "/" };
        List<string> names = [];
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request, cancellation);
            names.AddRange((page.S3Objects ?? []).Select(o => o.Key[_prefix.Length..]));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public async Task UpdateAsync(string name, Func<byte[]?, Task<byte[]?>> change, CancellationToken cancellation = default)
    {
        while (!await TryUpdateAsync(KeyOf(name), change, cancellation))
        {
            await Task.Delay(100, cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellation = default) =>
        await _client.DeleteObjectAsync(_bucket, KeyOf(name), cancellation);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Seen only when complete; parts of an upload that was cut off are removed, or by the bucket's own rules after a kill.</summary>
    private async Task PutPartsAsync(string key, Stream content, CancellationToken cancellation)
    {
        string upload = (await _client.InitiateMultipartUploadAsync(_bucket, key, cancellation)).UploadId;
        try
        {
            List<PartETag> parts = [];
            while (content.Position < content.Length)
            {
                UploadPartResponse part = await _client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = _bucket,
                        Key = key,
                        UploadId = upload,
                        PartNumber = parts.Count + 1,
                        PartSize = Math.Min(_partBytes, content.Length - content.Position),
                        InputStream = content,
                        UseChunkEncoding = false,
                    },
                    cancellation);
                parts.Add(new PartETag(parts.Count + 1, part.ETag));
            }

            await _client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = upload, PartETags = parts }, cancellation);
        }
        catch
        {
            await _client.AbortMultipartUploadAsync(_bucket, key, upload, CancellationToken.None);
            throw;
        }
    }

    /// <returns>False if somebody else was quicker.</returns>
    private async Task<bool> TryUpdateAsync(string key, Func<byte[]?, Task<byte[]?>> change, CancellationToken cancellation)
    {
        (byte[]? old, string? tag) = await ReadAsync(key, cancellation);
        if (await change(old) is not { } changed)
        {
            return true;
        }

        PutObjectRequest request = Put(key, new MemoryStream(changed));
        request.IfMatch = tag;
        request.IfNoneMatch = tag is null ? "*" : null;
        try
        {
            await _client.PutObjectAsync(request, cancellation);
            return true;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    private async Task<(byte[]? Content, string? Tag)> ReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            using GetObjectResponse response = await _client.GetObjectAsync(_bucket, key, cancellation);
            using MemoryStream content = new();
            await response.ResponseStream.CopyToAsync(content, cancellation);
            return (content.ToArray(), response.ETag);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return (null, null);
        }
    }

    private PutObjectRequest Put(string key, Stream content) => new()
    {
        BucketName = _bucket,
        Key = key,
        InputStream = content,
        AutoCloseStream = false,
        UseChunkEncoding = false,
    };

    private string KeyOf(string name) => _prefix + BlobName.Check(name);
}
