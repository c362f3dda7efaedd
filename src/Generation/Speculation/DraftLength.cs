namespace Inference.Generation.Speculation;

/// <summary>How much of a guess to check: as much as gives the most tokens in a time.</summary>
internal static class DraftLength
{
    /// <summary>Share of guesses accepted that is assumed before any was checked.</summary>
    public const double FirstAcceptance = 0.5;

    private const double NewsWeight = 0.15;
    private const double Forgetting = 0.002;

    /// <summary>The least gain that is worth it, in tokens: costs are measured, and measurements are noisy.</summary>
    private const double LeastGain = 0.03;

    /// <summary>Tokens of a guess to check.</summary>
    /// <param name="costs">What steps take by their rows.</param>
    /// <param name="rows">Rows of the step without this guess.</param>
    /// <param name="tokens">Tokens that the step gives without it.</param>
    /// <param name="acceptance">Share of such guesses that was accepted.</param>
    /// <param name="most">Tokens of the guess.</param>
    public static int Choose(RowCosts costs, int rows, int tokens, double acceptance, int most)
    {
        double best = (tokens + LeastGain) / costs.Estimate(rows);
        int chosen = 0;
        double expected = tokens;
        double reached = 1;
        for (int length = 1; length <= most; length++)
        {
            reached *= acceptance;
            expected += reached;
            double rate = expected / costs.Estimate(rows + length);
            if (rate > best)
                (best, chosen) = (rate, length);
        }

        return chosen;
    }

    /// <summary>Tokens for a draft model to go ahead with each of some sequences.</summary>
    /// <param name="costs">What steps take by their rows.</param>
    /// <param name="draftSeconds">What a step of the draft model takes by its rows.</param>
    /// <param name="decoding">Answers that the step gives a token each without guesses.</param>
    /// <param name="guessed">Those of them to guess.</param>
    /// <param name="limit">Tokens of a guess that can be of use.</param>
    /// <param name="most">Tokens of a guess at most.</param>
    public static int ChooseAhead(
        RowCosts costs, Func<int, double> draftSeconds, int decoding, IReadOnlyList<Sequence> guessed, Func<Sequence, int> limit, int most)
    {
        double best = (decoding + LeastGain) / costs.Estimate(decoding);
        (int chosen, int rows, double expected, double seconds) = (0, decoding, decoding, 0);
        for (int length = 1; length <= most; length++)
        {
            Sequence[] going = [.. guessed.Where(s => limit(s) >= length)];
            if (going.Length == 0)
                break;
            rows += going.Length;
            expected += going.Sum(s => Math.Pow(s.Acceptance, length));
            seconds += draftSeconds(going.Length);
            double rate = expected / (costs.Estimate(rows) + seconds);
            if (rate > best)
                (best, chosen) = (rate, length);
        }

        return chosen;
    }

    /// <summary>The share after a guess was checked. It ended with the first token that was wrong, if one was.</summary>
    public static double Learn(double acceptance, int drafted, int accepted)
    {
        int checkedTokens = Math.Min(accepted + 1, drafted);
        for (int i = 0; i < checkedTokens; i++)
            acceptance += NewsWeight * ((i < accepted ? 1 : 0) - acceptance);
        return acceptance;
    }

    /// <summary>The share after a guess that was not checked: bad luck is forgotten, so that another is tried some time.</summary>
    public static double Forget(double acceptance) => acceptance + (Forgetting * (FirstAcceptance - acceptance));
}
