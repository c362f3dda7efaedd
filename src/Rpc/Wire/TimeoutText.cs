using System.Globalization;

namespace Inference.Rpc.Wire;

/// <summary>The header grpc-timeout: at most eight digits and a unit.</summary>
internal static class TimeoutText
{
    private const long MaxDigits = 99_999_999;
    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>Rounds up to the finest unit that fits.</summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            return "0m";
        foreach (var (unit, ticks) in Units)
        {
            long count = timeout.Ticks / ticks + (timeout.Ticks % ticks == 0 ? 0 : 1);
            if (count <= MaxDigits)
                return count.ToString(CultureInfo.InvariantCulture) + unit;
        }
        return MaxDigits.ToString(CultureInfo.InvariantCulture) + "H";
    }

    /// <summary>A timeout beyond what TimeSpan holds becomes TimeSpan.MaxValue; nanoseconds round up to ticks.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || text.AsSpan(0, text.Length - 1).ContainsAnyExceptInRange('0', '9'))
            return false;
        long count = long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((count + 99) / 100);
            return true;
        }
        foreach (var (unit, ticks) in Units)
        {
            if (unit != text[^1])
                continue;
            timeout = count > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks(count * ticks);
            return true;
        }
        return false;
    }
}
