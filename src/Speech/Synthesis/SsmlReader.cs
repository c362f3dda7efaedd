using System.Globalization;
using System.Text;
using System.Xml;

namespace Inference.Speech.Synthesis;

/// <summary>
/// Reads the SSML subset (W3C Speech Synthesis Markup Language 1.1): speak, p, s, break, prosody, emphasis, say-as, phoneme, sub, mark.
/// Other elements are refused by name. No document type, entities or external references.
/// </summary>
internal sealed class SsmlReader
{
    private const int MaxDepth = 32;
    private const int MaxEvents = 4096;

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ParagraphPause = TimeSpan.FromMilliseconds(400);

    private readonly StringBuilder _text = new();
    private readonly List<SpeechRun> _runs = [];
    private readonly List<SpeechEvent> _events = [];

    public SpeechScript Read(string ssml)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = SpeechRequest.MaxTextLength,
        };
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(ssml), settings);
            Read(reader);
        }
        catch (XmlException e)
        {
            throw new SpeechRequestException("ssml", e.Message);
        }

        return new SpeechScript(_text.ToString(), _runs, _events);
    }

    private void Read(XmlReader reader)
    {
        Stack<SpeechManner> manners = new([SpeechManner.Plain]);
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth == 0 != (reader.LocalName == "speak"))
                        throw Invalid(reader, reader.Depth == 0 ? "the document's element must be speak" : "speak must not be inside another element");
                    if (reader.Depth >= MaxDepth) throw Invalid(reader, $"elements are nested deeper than {MaxDepth}");
                    SpeechManner manner = Begin(reader, manners.Peek());
                    if (!reader.IsEmptyElement) manners.Push(manner);
                    break;
                case XmlNodeType.EndElement:
                    manners.Pop();
                    End(reader.LocalName);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    Append(reader.Value, manners.Peek());
                    break;
            }
        }
    }

    private SpeechManner Begin(XmlReader reader, SpeechManner outer)
    {
        switch (reader.LocalName)
        {
            case "speak":
                return outer;
            case "p" or "s":
                EndSentence();
                return outer;
            case "break":
                AddEvent(reader, new SpeechEvent(_text.Length, null, Pause(reader)));
                return outer;
            case "mark":
                string name = reader.GetAttribute("name") is { Length: > 0 and <= 128 } given ? given : throw Invalid(reader, "name of 1 to 128 characters is missing");
                AddEvent(reader, new SpeechEvent(_text.Length, name, TimeSpan.Zero));
                return outer;
            case "sub":
                return outer with { Alias = reader.GetAttribute("alias") ?? throw Invalid(reader, "alias is missing") };
            case "say-as":
                return outer with { SpellOut = SaysEachCharacter(reader) };
            case "phoneme":
                return Phonemes(reader, outer);
            case "emphasis":
                return Emphasis(reader, outer);
            case "prosody":
                return SsmlProsody.Apply(reader, outer, Invalid);
            default:
                throw Invalid(reader, "the element is not supported");
        }
    }

    private void End(string element)
    {
        if (element is not ("p" or "s")) return;
        EndSentence();
        if (element == "p" && _text.Length > 0) _events.Add(new SpeechEvent(_text.Length, null, ParagraphPause));
    }

    // A line break ends a sentence for the splitter.
    private void EndSentence()
    {
        if (_text.Length > 0 && _text[^1] != '\n') _text.Append('\n');
    }

    // White space is folded, as in XML texts that are broken into lines.
    private void Append(string value, SpeechManner manner)
    {
        int start = _text.Length;
        foreach (char c in value)
        {
            bool isSpace = char.IsWhiteSpace(c);
            if (!isSpace) _text.Append(c);
            else if (_text.Length > 0 && !char.IsWhiteSpace(_text[^1])) _text.Append(' ');
        }

        if (_text.Length > start) _runs.Add(new SpeechRun(start, _text.Length - start, manner));
    }

    private void AddEvent(XmlReader reader, SpeechEvent happening)
    {
        if (_events.Count == MaxEvents) throw Invalid(reader, $"there are more than {MaxEvents} breaks and marks");
        _events.Add(happening);
    }

    private static TimeSpan Pause(XmlReader reader)
    {
        if (reader.GetAttribute("time") is not { } time)
        {
            return reader.GetAttribute("strength") switch
            {
                "none" => TimeSpan.Zero,
                "x-weak" => TimeSpan.FromMilliseconds(50),
                "weak" => TimeSpan.FromMilliseconds(100),
                null or "medium" => TimeSpan.FromMilliseconds(300),
                "strong" => TimeSpan.FromMilliseconds(700),
                "x-strong" => TimeSpan.FromMilliseconds(1200),
                { } other => throw Invalid(reader, $"strength \"{other}\" is unknown"),
            };
        }

        (string digits, double unit) = time.EndsWith("ms", StringComparison.Ordinal) ? (time[..^2], 1)
            : time.EndsWith('s') ? (time[..^1], 1000.0)
            : throw Invalid(reader, $"time \"{time}\" has no unit: s or ms");
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * unit <= MaxPause.TotalMilliseconds
                ? TimeSpan.FromMilliseconds(value * unit)
                : throw Invalid(reader, $"time \"{time}\" is no number from 0 to {MaxPause.TotalSeconds} s");
    }

    // Numbers, dates and times are left to the language's own rules, which read them in their sentence.
    private static bool SaysEachCharacter(XmlReader reader) => reader.GetAttribute("interpret-as") switch
    {
        "characters" or "spell-out" or "verbatim" or "digits" or "telephone" => true,
        "cardinal" or "number" or "ordinal" or "date" or "time" or "currency" or "unit" => false,
        { } other => throw Invalid(reader, $"interpret-as \"{other}\" is unknown"),
        null => throw Invalid(reader, "interpret-as is missing"),
    };

    private static SpeechManner Phonemes(XmlReader reader, SpeechManner outer)
    {
        string ph = reader.GetAttribute("ph") ?? throw Invalid(reader, "ph is missing");
        return reader.GetAttribute("alphabet") switch
        {
            "x-espeak" or "espeak" => ph.All(c => c is > ' ' and < '\x7f' and not ('[' or ']') or ' ') ? outer with { Phonemes = ph, Ipa = null }
                : throw Invalid(reader, $"ph \"{ph}\" is not in eSpeak's mnemonics"),
            "ipa" => outer with { Phonemes = null, Ipa = ph },
            // As the specification has it for an alphabet that the processor lacks: the element's text is spoken.
            _ => outer,
        };
    }

    private static SpeechManner Emphasis(XmlReader reader, SpeechManner outer) => reader.GetAttribute("level") switch
    {
        "strong" => outer with { Rate = outer.Rate * 0.85f, Pitch = outer.Pitch * 1.15f, Volume = outer.Volume * 1.4f },
        null or "moderate" => outer with { Rate = outer.Rate * 0.92f, Pitch = outer.Pitch * 1.08f, Volume = outer.Volume * 1.2f },
        "reduced" => outer with { Rate = outer.Rate * 1.08f, Pitch = outer.Pitch * 0.95f, Volume = outer.Volume * 0.8f },
        "none" => outer,
        { } other => throw Invalid(reader, $"level \"{other}\" is unknown"),
    };

    private static SpeechRequestException Invalid(XmlReader reader, string message)
    {
        IXmlLineInfo line = (IXmlLineInfo)reader;
        return new SpeechRequestException("ssml", $"line {line.LineNumber}, column {line.LinePosition}: {reader.LocalName}: {message}");
    }
}
