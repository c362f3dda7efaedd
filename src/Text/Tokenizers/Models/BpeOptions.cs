namespace Inference.Text.Tokenizers.Models;

/// <summary>How <see cref="BpeModel"/> treats its pieces. <see cref="UnknownId"/> is -1 where there is no unknown token.</summary>
internal sealed record BpeOptions(bool ByteLevel, bool ByteFallback = false, int UnknownId = -1, bool FuseUnknown = false, bool IgnoreMerges = false);
