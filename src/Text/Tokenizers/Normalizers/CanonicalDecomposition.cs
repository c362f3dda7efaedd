using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>NFD for other projects; see <see cref="UnicodeNormalizer"/> for why it is not the framework's.</summary>
public static class CanonicalDecomposition
{
    private static readonly UnicodeNormalizer Normalizer = new(NormalizationForm.FormD);

    /// <summary>The text with letters and their accents apart.</summary>
    public static string Of(string text) => Normalizer.Apply(text);
}
