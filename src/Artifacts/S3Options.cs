namespace Inference.Artifacts;

/// <summary>A bucket. Section "Artifacts:S3".</summary>
public sealed class S3Options
{
    /// <summary>Name of the bucket. Empty (default): artifacts lie in a directory.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>Directory in the bucket under which everything lies. Default: none.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Address of a server that is not Amazon's. Default: none.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Region of the bucket. Default us-east-1.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Address the bucket in the path in place of the host name, as most servers but Amazon's want it. Default false.</summary>
    public bool PathStyle { get; set; }

    /// <summary>Access key. Empty (default): what the AWS SDK finds in environment, profile or machine.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>Its secret. Better kept in the environment.</summary>
    public string SecretKey { get; set; } = "";
}
