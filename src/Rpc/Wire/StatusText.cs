using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.Rpc.Details;

namespace Inference.Rpc.Wire;

/// <summary>A call's end as trailers: grpc-status, grpc-message, grpc-status-details-bin.</summary>
internal static class StatusText
{
    public static void Write(RpcException? error, Action<string, string> append)
    {
        append(Headers.Status, ((int)(error?.StatusCode ?? StatusCode.Ok)).ToString(CultureInfo.InvariantCulture));
        if (error == null)
            return;
        if (error.Message.Length > 0)
            append(Headers.Message, PercentText.Encode(error.Message));
        if (error.Details.Count > 0)
        {
            Status status = new() { Code = (int)error.StatusCode, Message = error.Message };
            status.Details.AddRange(error.Details);
            append(Headers.StatusDetails, Convert.ToBase64String(status.ToByteArray()).TrimEnd('='));
        }
    }

    /// <summary>The failure that the trailers tell, null for OK. Details that cannot be read are left out.</summary>
    public static RpcException? Read(string statusText, string? message, string? details, Metadata trailers)
    {
        StatusCode code = int.TryParse(statusText, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && System.Enum.IsDefined((StatusCode)number) ? (StatusCode)number : StatusCode.Unknown;
        return code == StatusCode.Ok ? null : new(code, PercentText.Decode(message ?? ""), ReadDetails(details), trailers, null);
    }

    private static IReadOnlyList<Any> ReadDetails(string? text)
    {
        if (text == null || !Metadata.TryDecode(text, out byte[]? bytes))
            return [];
        try
        {
            return Status.Parser.ParseFrom(bytes).Details;
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }
}
