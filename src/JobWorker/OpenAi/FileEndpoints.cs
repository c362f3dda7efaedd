using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Inference.JobWorker.OpenAi;

/// <summary>/v1/files.</summary>
internal sealed class FileEndpoints(DatasetStore datasets, IOptions<DatasetStorageOptions> options)
{
    private const int MaxPurposeLength = 64;
    private const int StandardLimit = 10_000;

    // Of boundaries and headers of the parts.
    private const long FormBytes = 64 << 10;

    /// <summary>POST: the parts "file" and "purpose" in any order; the file goes to the disk as it comes.</summary>
    public async Task UploadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.MaxBytes + FormBytes;
        }

        if (!context.Request.HasFormContentType || !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            throw new BadHttpRequestException("the content type must be multipart/form-data", StatusCodes.Status415UnsupportedMediaType);
        }

        CancellationToken cancellation = context.RequestAborted;
        await using DatasetUpload upload = datasets.BeginUpload();
        (string? filename, string? purpose) = (null, null);
        MultipartReader parts = new(boundary, context.Request.Body);
        while (await ReadPartAsync(parts, cancellation) is { } part)
        {
            ContentDispositionHeaderValue? disposition = part.GetContentDispositionHeader();
            string? given = HeaderUtilities.RemoveQuotes(disposition?.FileNameStar.HasValue == true ? disposition.FileNameStar : disposition?.FileName ?? "").Value;
            switch (HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").Value)
            {
                case "file" when filename is null:
                    filename = DatasetRoots.CheckedName("file", given ?? "");
                    await upload.WriteAsync(part.Body, cancellation);
                    break;
                case "purpose":
                    char[] text = new char[MaxPurposeLength];
                    purpose = new string(text, 0, await new StreamReader(part.Body).ReadBlockAsync(text, cancellation));
                    break;
                case { } name:
                    throw new InvalidFieldsException(name.Length == 0 ? "body" : name, "is not read here: one file and a purpose are wanted");
            }
        }

        if (purpose != DatasetFile.FineTunePurpose)
        {
            throw new InvalidFieldsException("purpose", $"must be {DatasetFile.FineTunePurpose}, not \"{purpose}\"");
        }

        DatasetFile file = await datasets.SaveAsync(
            ApiRequest.Tenant(context), filename ?? throw new InvalidFieldsException("file", "is required"), purpose, upload, cancellation);
        await context.Response.WriteAsJsonAsync(FileBody.Of(file), ApiJson.Default.FileBody, cancellationToken: cancellation);
    }

    /// <summary>GET: the tenant's files, newest first unless order=asc.</summary>
    public async Task ListAsync(HttpContext context)
    {
        int limit = ApiRequest.Limit(context, StandardLimit, StandardLimit);
        IEnumerable<DatasetFile> files = await datasets.ListAsync(ApiRequest.Tenant(context), context.RequestAborted);
        files = ApiRequest.Query(context, "order") == "asc" ? files : files.Reverse();
        files = ApiRequest.Query(context, "purpose") is { } purpose ? files.Where(f => f.Purpose == purpose) : files;
        files = ApiRequest.Query(context, "after") is { } after ? files.SkipWhile(f => f.Id != after).Skip(1) : files;
        FileBody[] page = [.. files.Take(limit + 1).Select(FileBody.Of)];
        await context.Response.WriteAsJsonAsync(
            new ListBody<FileBody>([.. page.Take(limit)], page.Length > limit), ApiJson.Default.ListBodyFileBody, cancellationToken: context.RequestAborted);
    }

    /// <summary>GET of one.</summary>
    public async Task GetAsync(HttpContext context) =>
        await context.Response.WriteAsJsonAsync(FileBody.Of(await FindAsync(context)), ApiJson.Default.FileBody, cancellationToken: context.RequestAborted);

    /// <summary>GET of its content.</summary>
    public async Task GetContentAsync(HttpContext context)
    {
        DatasetFile file = await FindAsync(context);
        await using Stream content = await datasets.OpenContentAsync(file.Sha256, context.RequestAborted) ?? throw new ResourceNotFoundException("file", file.Id);
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = file.Bytes;
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>DELETE.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        string id = ApiRequest.Id(context);
        if (!await datasets.DeleteAsync(ApiRequest.Tenant(context), id, context.RequestAborted))
        {
            throw new ResourceNotFoundException("file", id);
        }

        await context.Response.WriteAsJsonAsync(new DeletedFileBody(id), ApiJson.Default.DeletedFileBody, cancellationToken: context.RequestAborted);
    }

    private async Task<DatasetFile> FindAsync(HttpContext context) =>
        await datasets.FindAsync(ApiRequest.Tenant(context), ApiRequest.Id(context), context.RequestAborted)
        ?? throw new ResourceNotFoundException("file", ApiRequest.Id(context));

    private static async Task<MultipartSection?> ReadPartAsync(MultipartReader parts, CancellationToken cancellation)
    {
        try
        {
            return await parts.ReadNextSectionAsync(cancellation);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException($"the form cannot be read: {exception.Message}", exception);
        }
    }
}
