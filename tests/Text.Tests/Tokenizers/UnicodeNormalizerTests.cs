using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Inference.Text.Tokenizers.Normalizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Expected values: Python 3's unicodedata.normalize.</summary>
public class UnicodeNormalizerTests
{
    [Theory]
    [InlineData("\u0065\u0301", "\u00E9", "\u0065\u0301", "\u00E9", "\u0065\u0301")]
    [InlineData("\u00E9", "\u00E9", "\u0065\u0301", "\u00E9", "\u0065\u0301")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "\u0073\u0323\u0307")]
    [InlineData("\u212B", "\u00C5", "\u0041\u030A", "\u00C5", "\u0041\u030A")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\uAC01\u11A8", "\uAC01\u11A8", "\u1100\u1161\u11A8\u11A8", "\uAC01\u11A8", "\u1100\u1161\u11A8\u11A8")]
    [InlineData("\u0061\u0315\u0300\u05AE\u0300\u0062", "\u00E0\u05AE\u0300\u0315\u0062", "\u0061\u05AE\u0300\u0300\u0315\u0062", "\u00E0\u05AE\u0300\u0315\u0062", "\u0061\u05AE\u0300\u0300\u0315\u0062")]
    [InlineData("\uFB01\u2460", "\uFB01\u2460", "\uFB01\u2460", "\u0066\u0069\u0031", "\u0066\u0069\u0031")]
    [InlineData("\u0344", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301")]
    [InlineData("\u0061\u0323\u0307", "\u1EA1\u0307", "\u0061\u0323\u0307", "\u1EA1\u0307", "\u0061\u0323\u0307")]
    [InlineData("\u0064\u0307\u0323\u0078\u0327\u0301", "\u1E0D\u0307\u0078\u0327\u0301", "\u0064\u0323\u0307\u0078\u0327\u0301", "\u1E0D\u0307\u0078\u0327\u0301", "\u0064\u0323\u0307\u0078\u0327\u0301")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\U00011099\u0300\U000110BA", "\U0001109A\u0300", "\U00011099\U000110BA\u0300", "\U0001109A\u0300", "\U00011099\U000110BA\u0300")]
    [InlineData("\u3099\u304B\u3099", "\u3099\u304C", "\u3099\u304B\u3099", "\u3099\u304C", "\u3099\u304B\u3099")]
    [InlineData("\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("\u1100\u0300\u1161", "\u1100\u0300\u1161", "\u1100\u0300\u1161", "\u1100\u0300\u1161", "\u1100\u0300\u1161")]
    [InlineData("\uFF76\uFF9E\u338F", "\uFF76\uFF9E\u338F", "\uFF76\uFF9E\u338F", "\u30AC\u006B\u0067", "\u30AB\u3099\u006B\u0067")]
    [InlineData("\u0041\u030A\u0301", "\u01FA", "\u0041\u030A\u0301", "\u01FA", "\u0041\u030A\u0301")]
    [InlineData("\u0300", "\u0300", "\u0300", "\u0300", "\u0300")]
    public void A_text_has_its_four_normal_forms(string text, string c, string d, string kc, string kd)
    {
        Assert.Equal(c, new UnicodeNormalizer(NormalizationForm.FormC).Apply(text));
        Assert.Equal(d, new UnicodeNormalizer(NormalizationForm.FormD).Apply(text));
        Assert.Equal(kc, new UnicodeNormalizer(NormalizationForm.FormKC).Apply(text));
        Assert.Equal(kd, new UnicodeNormalizer(NormalizationForm.FormKD).Apply(text));
    }

    [Theory]
    [InlineData(NormalizationForm.FormC)]
    [InlineData(NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormKC)]
    [InlineData(NormalizationForm.FormKD)]
    public void A_normal_form_is_its_own(NormalizationForm form) => Prop.ForAll(RandomText.Any, text =>
    {
        UnicodeNormalizer normalizer = new(form);
        string normal = normalizer.Apply(text);
        return normalizer.Apply(normal) == normal;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hundred_thousand_marks_in_the_wrong_order_are_ordered()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0323", 50_000));

        string normal = new UnicodeNormalizer(NormalizationForm.FormD).Apply("a" + marks);

        Assert.Equal("a" + new string('\u0323', 50_000) + new string('\u0301', 50_000), normal);
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character() =>
        Assert.Equal("\uFFFD\u00E9", new UnicodeNormalizer(NormalizationForm.FormC).Apply("\uD800e\u0301"));
}
