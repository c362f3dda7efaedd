namespace Inference.Text.Tokenizers.Models;

/// <summary>How <see cref="WordPieceModel"/> spells and gives up.</summary>
/// <param name="FirstPrefix">Before the spelling of a token that begins a word: "" in BERT's files, U+2581 in GGUF.</param>
/// <param name="NextPrefix">Before the spelling of a token that continues one: "##" in BERT's files, "" in GGUF.</param>
/// <param name="UnknownId">For a word that cannot be covered; -1 drops it.</param>
/// <param name="MaxCodePoints">A longer word is unknown.</param>
internal sealed record WordPieceOptions(string FirstPrefix, string NextPrefix, int UnknownId, int MaxCodePoints = 100);
