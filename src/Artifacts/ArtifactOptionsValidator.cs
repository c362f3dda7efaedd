using Microsoft.Extensions.Options;

namespace Inference.Artifacts;

/// <summary>Refuses a bucket that cannot be addressed.</summary>
internal sealed class ArtifactOptionsValidator : IValidateOptions<ArtifactOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ArtifactOptions options)
    {
        List<string> faults = [];
        S3Options s3 = options.S3;
        if (s3.Bucket.Length > 0 && options.Directory.Length > 0)
        {
            faults.Add("Artifacts:Directory and Artifacts:S3:Bucket exclude each other");
        }

        if (s3.Endpoint.Length > 0 && !(Uri.TryCreate(s3.Endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
        {
            faults.Add($"Artifacts:S3:Endpoint must be an http or https address, not \"{s3.Endpoint}\"");
        }

        if (s3.AccessKey.Length > 0 != s3.SecretKey.Length > 0)
        {
            faults.Add("Artifacts:S3:AccessKey and Artifacts:S3:SecretKey go together: configure both or neither");
        }

        if (s3.Prefix.Length > 0)
        {
            try
            {
                BlobName.Check(s3.Prefix);
            }
            catch (ArgumentException exception)
            {
                faults.Add($"Artifacts:S3:Prefix: {exception.Message}");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
