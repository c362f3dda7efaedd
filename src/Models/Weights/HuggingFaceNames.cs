namespace Inference.Models.Weights;

/// <summary>
/// Where a checkpoint of Hugging Face has the decoder's tensors: under their own names, or deeper, in a model that sees images too,
/// whose other tensors are left alone.
/// </summary>
internal sealed class HuggingFaceNames
{
    private const string Decoder = "model.", Head = "lm_head.";

    private static readonly HuggingFaceNames[] All = [new(Decoder, Head), new("language_model.model.", "language_model.lm_head."), new("model.language_model.", Head)];

    private readonly string _decoder;
    private readonly string _head;

    private HuggingFaceNames(string decoder, string head)
    {
        _decoder = decoder;
        _head = head;
    }

    /// <summary>The names of a checkpoint, by where it has the embedding table.</summary>
    public static HuggingFaceNames Of(ICheckpoint checkpoint) =>
        Array.Find(All, names => checkpoint.Tensors.ContainsKey($"{names._decoder}embed_tokens.weight")) ?? All[0];

    /// <summary>The name in the checkpoint.</summary>
    public string InFile(string name) =>
        name.StartsWith(Decoder, StringComparison.Ordinal) ? _decoder + name[Decoder.Length..]
        : name.StartsWith(Head, StringComparison.Ordinal) ? _head + name[Head.Length..]
        : name;

    /// <summary>A tensor of the checkpoint is of the decoder itself. Tables of rotary frequencies, which old checkpoints have, are not.</summary>
    public bool IsOfDecoder(string nameInFile) =>
        (nameInFile.StartsWith(_decoder, StringComparison.Ordinal) || nameInFile.StartsWith(_head, StringComparison.Ordinal))
        && !nameInFile.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
