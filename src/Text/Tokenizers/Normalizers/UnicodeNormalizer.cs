using System.Runtime.InteropServices;
using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>
/// NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15). Written here because string.Normalize returns its input unchanged where
/// the host runs without ICU (InvariantGlobalization). A lone surrogate, which has no normal form, becomes U+FFFD.
/// </summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : INormalizer
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    private readonly bool _isCompatibility = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
    private readonly bool _composes = form is NormalizationForm.FormC or NormalizationForm.FormKC;

    public string Apply(string text)
    {
        // Below U+0300 nothing composes, below U+0080 nothing decomposes.
        char firstAffected = form == NormalizationForm.FormC ? '\u0300' : '\u0080';
        if (text.AsSpan().IndexOfAnyInRange(firstAffected, '\uFFFF') < 0) return text;

        List<int> codePoints = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, codePoints);
        Span<int> span = CollectionsMarshal.AsSpan(codePoints);
        Order(span);
        if (_composes) span = span[..Compose(span)];
        StringBuilder output = new(text.Length);
        foreach (int codePoint in span) output.Append(new Rune(codePoint).ToString());
        return output.ToString();
    }

    private static void Order(Span<int> codePoints)
    {
        UnicodeData data = UnicodeData.Instance;
        for (int start = 0; start < codePoints.Length; start++)
        {
            if (codePoints[start] < 0x300 || data.CombiningClass(codePoints[start]) == 0) continue;
            int end = start + 1;
            while (end < codePoints.Length && data.CombiningClass(codePoints[end]) != 0) end++;
            if (end - start > 1) OrderMarks(codePoints[start..end]);
            start = end;
        }
    }

    // By class, and within a class in the order they came.
    private static void OrderMarks(Span<int> marks)
    {
        long[] keys = new long[marks.Length];
        for (int i = 0; i < marks.Length; i++) keys[i] = ((long)UnicodeData.Instance.CombiningClass(marks[i]) << 32) | (uint)i;
        keys.AsSpan().Sort(marks);
    }

    private static int Compose(Span<int> codePoints)
    {
        UnicodeData data = UnicodeData.Instance;
        int count = 0;
        int starter = -1;
        int lastClass = 0;
        foreach (int codePoint in codePoints)
        {
            int combiningClass = data.CombiningClass(codePoint);
            bool isAdjacent = starter >= 0 && (starter == count - 1 || (lastClass != 0 && lastClass < combiningClass));
            if (isAdjacent && Composition(codePoints[starter], codePoint) is int composed and >= 0)
            {
                codePoints[starter] = composed;
                continue;
            }

            if (combiningClass == 0) starter = count;
            lastClass = combiningClass;
            codePoints[count++] = codePoint;
        }

        return count;
    }

    private static int Composition(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
            return SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TailCount);
        bool isOpenSyllable = first is >= SyllableBase and < SyllableBase + (LeadCount * VowelCount * TailCount) && (first - SyllableBase) % TailCount == 0;
        return isOpenSyllable && second is > TailBase and < TailBase + TailCount
            ? first + second - TailBase
            : UnicodeData.Instance.Composition(first, second);
    }

    private void Decompose(int codePoint, List<int> output)
    {
        if (codePoint < 0x80)
        {
            output.Add(codePoint);
        }
        else if (codePoint is >= SyllableBase and < SyllableBase + (LeadCount * VowelCount * TailCount))
        {
            int index = codePoint - SyllableBase;
            output.Add(LeadBase + (index / (VowelCount * TailCount)));
            output.Add(VowelBase + (index % (VowelCount * TailCount) / TailCount));
            if (index % TailCount != 0) output.Add(TailBase + (index % TailCount));
        }
        else if (UnicodeData.Instance.Mapping(codePoint, _isCompatibility) is { } mapping)
        {
            foreach (int part in mapping) Decompose(part, output);
        }
        else
        {
            output.Add(codePoint);
        }
    }
}
