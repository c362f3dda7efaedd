using Inference.Training.FineTuning;

namespace Inference.Training.Datasets;

/// <summary>
/// Reads a file of JSON lines from end to end, one line in memory at a time: checks it, counts its tokens, and passes them on. All faults
/// are counted, the first ones named.
/// </summary>
/// <param name="tokenizer">Makes tokens of records.</param>
/// <param name="method">What the data is for, which decides the formats it may have.</param>
/// <param name="options">Limits.</param>
/// <exception cref="ArgumentException">An option is out of its range.</exception>
public sealed class DatasetReader(ExampleTokenizer tokenizer, FineTuningMethod method, DatasetOptions options)
{
    private readonly DatasetOptions _options = Checked(options);

    /// <summary>Reads a file.</summary>
    /// <param name="file">UTF-8, a JSON object a line; blank lines are passed over.</param>
    /// <param name="take">Gets each record without a fault, in the file's order; null to check only.</param>
    /// <param name="cancellation">Stops between lines.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public DatasetReport Read(Stream file, Action<TokenizedRecord>? take = null, CancellationToken cancellation = default)
    {
        FaultList faults = new(_options.MaxListedFaults);
        FaultList warnings = new(_options.MaxListedFaults);
        RecordParser parser = new(_options, faults, warnings);
        Tally tally = new(warnings);
        DatasetFormat? format = null;
        bool saidTemplate = false;
        foreach (JsonLine line in JsonLineReader.Read(file, _options.MaxLineBytes, cancellation))
        {
            if (!line.IsTooLong && line.Text.Span.IndexOfAnyExcept(" \t\r"u8) < 0)
            {
                continue;
            }

            if (parser.Parse(line) is not { } record)
            {
                continue;
            }

            if (format is null && !Serves(record.Format))
            {
                faults.Add(line.Number, "", $"is {Name(record.Format)}, which the method {method.ToString().ToLowerInvariant()} does not take");
            }

            format ??= record.Format;
            if (record.Format != format)
            {
                faults.Add(line.Number, "", $"is {Name(record.Format)}; the file began with {Name(format.Value)}");
            }
            else if (!tokenizer.CanWrite(record))
            {
                if (!saidTemplate)
                {
                    saidTemplate = true;
                    faults.Add(line.Number, "messages", "need a chat template and the model has none: use prompt and completion (so for all lines)");
                }
            }
            else if (tokenizer.Tokenize(record, (field, reason) => faults.Add(line.Number, field, reason)) is { } tokens)
            {
                tally.Add(line.Number, tokens);
                take?.Invoke(tokens);
            }
        }

        if (tally.Examples < _options.MinExamples && faults.Count == 0)
        {
            faults.Add(0, "file", $"has {tally.Examples} examples; at least {_options.MinExamples} {(_options.MinExamples == 1 ? "is" : "are")} needed");
        }

        return tally.Report(format, faults);
    }

    /// <summary>As the contract names it.</summary>
    public static string Name(DatasetFormat format) => format switch
    {
        DatasetFormat.Chat => "chat",
        DatasetFormat.PromptCompletion => "prompt_completion",
        _ => "preference",
    };

    private static DatasetOptions Checked(DatasetOptions options)
    {
        options.Check();
        return options;
    }

    private bool Serves(DatasetFormat format) => (format == DatasetFormat.Preference) == (method == FineTuningMethod.Dpo);

    /// <summary>Sums over the examples.</summary>
    private sealed class Tally(FaultList warnings)
    {
        private long _tokens;
        private long _trained;
        private int _longest;
        private long _cut;
        private bool _saidEndless;

        public long Examples { get; private set; }

        public void Add(long line, TokenizedRecord record)
        {
            Examples++;
            _tokens += record.Examples.Sum(e => (long)e.Tokens.Length);
            _trained += record.Examples.Sum(e => (long)e.Weights.Skip(1).Count(w => w > 0));
            _longest = Math.Max(_longest, record.LongestBeforeCut);
            if (record.IsCut)
            {
                _cut++;
                warnings.Add(line, "", $"has {record.LongestBeforeCut} tokens and is cut to {record.Examples.Max(e => e.Tokens.Length)}");
            }

            if (!record.TeachesEnd && !_saidEndless)
            {
                _saidEndless = true;
                warnings.Add(line, "", "does not end with a token that ends answers: the model does not learn to stop (nor perhaps in later lines)");
            }
        }

        public DatasetReport Report(DatasetFormat? format, FaultList faults) => new()
        {
            Format = format,
            Examples = Examples,
            Faults = faults.First,
            FaultCount = faults.Count,
            Warnings = warnings.First,
            WarningCount = warnings.Count,
            Tokens = _tokens,
            TrainedTokens = _trained,
            LongestExample = _longest,
            TruncatedExamples = _cut,
        };
    }
}
