using System.Globalization;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>Combining classes, mappings and compositions of the normal forms, from UnicodeNormalization.txt.</summary>
internal sealed class UnicodeData
{
    private static readonly Lazy<UnicodeData> Loaded = new(() => new UnicodeData());
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatibility = [];
    private readonly Dictionary<(int, int), int> _compositions = [];

    private UnicodeData()
    {
        using StreamReader lines = new(typeof(UnicodeData).Assembly.GetManifestResourceStream("UnicodeNormalization.txt")!);
        while (lines.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            string[] fields = line.Split(' ');
            if (line[0] == 'c') AddClass(Hex(fields[1]), Hex(fields[2]), byte.Parse(fields[3], CultureInfo.InvariantCulture));
            else AddMapping(line[0] == 'd' ? _canonical : _compatibility, Hex(fields[1]), fields[2..]);
        }
    }

    public static UnicodeData Instance => Loaded.Value;

    /// <summary>The canonical combining class; 0 for what begins a character.</summary>
    public byte CombiningClass(int codePoint) => _classes.GetValueOrDefault(codePoint);

    /// <summary>The one-step mapping; null where there is none.</summary>
    public int[]? Mapping(int codePoint, bool isCompatibility) =>
        _canonical.TryGetValue(codePoint, out int[]? mapping) || (isCompatibility && _compatibility.TryGetValue(codePoint, out mapping)) ? mapping : null;

    /// <summary>What two code points compose to; -1 for nothing.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault((first, second), -1);

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private void AddClass(int first, int last, byte value)
    {
        for (int c = first; c <= last; c++) _classes[c] = value;
    }

    private void AddMapping(Dictionary<int, int[]> mappings, int codePoint, string[] fields)
    {
        bool isExcluded = fields[^1] == "!";
        int[] mapping = [.. fields.Take(isExcluded ? fields.Length - 1 : fields.Length).Select(Hex)];
        mappings[codePoint] = mapping;
        if (mappings == _canonical && !isExcluded && mapping.Length == 2) _compositions[(mapping[0], mapping[1])] = codePoint;
    }
}
