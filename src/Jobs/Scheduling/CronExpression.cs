using System.Globalization;

namespace Inference.Jobs;

/// <summary>
/// Minute, hour, day of month, month, day of week, in UTC, as crontab(5) has them: *, lists, ranges, steps, JAN to DEC, SUN to SAT,
/// Sunday as 0 or 7. When both days are restricted, either suffices. UTC knows no daylight saving, so each date comes exactly once.
/// </summary>
public sealed class CronExpression
{
    /// <summary>No date of the calendar is further from the next of its kind: 29 February around a century that is no leap year.</summary>
    private const int SearchYears = 8;

    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly ulong _minutes, _hours, _monthDays, _months, _weekDays;
    private readonly bool _eitherDay;

    private CronExpression(string[] fields)
    {
        _minutes = Field("minute", fields[0], 0, 59, []);
        _hours = Field("hour", fields[1], 0, 23, []);
        _monthDays = Field("day of month", fields[2], 1, 31, []);
        _months = Field("month", fields[3], 1, 12, Months);
        ulong weekDays = Field("day of week", fields[4], 0, 7, Days);
        _weekDays = weekDays | (weekDays >> 7);
        _eitherDay = !fields[2].StartsWith('*') && !fields[4].StartsWith('*');
    }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">Names the field and what is wrong with it.</exception>
    public static CronExpression Parse(string text)
    {
        string[] fields = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 5
            ? new CronExpression(fields)
            : throw new FormatException($"cron expression '{text}' has {fields.Length} fields; it needs 5: minute hour day month weekday");
    }

    /// <summary>The first date after a moment; null when there is none (31 February).</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        DateTime t = after.UtcDateTime;
        t = new DateTime(t.Year, t.Month, t.Day, t.Hour, t.Minute, 0, DateTimeKind.Utc).AddMinutes(1);
        DateTime last = t.AddYears(SearchYears);
        while (t <= last)
        {
            if (!Has(_months, t.Month))
                t = new DateTime(t.Year, t.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
            else if (!HasDay(t))
                t = t.Date.AddDays(1);
            else if (!Has(_hours, t.Hour))
                t = t.Date.AddHours(t.Hour + 1);
            else if (!Has(_minutes, t.Minute))
                t = t.AddMinutes(1);
            else
                return new DateTimeOffset(t);
        }

        return null;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private static ulong Field(string name, string text, int least, int most, string[] names)
    {
        ulong set = 0;
        foreach (string part in text.Split(','))
        {
            string[] stepped = part.Split('/');
            int step = stepped.Length == 2 ? Number(name, stepped[1], 1, most, []) : 1;
            string[] range = stepped[0].Split('-');
            if (stepped.Length > 2 || range.Length > 2)
                throw new FormatException($"cron {name} '{text}': '{part}' is neither *, a value, a range nor a step");
            int from = range[0] == "*" ? least : Number(name, range[0], least, most, names);
            int to = range.Length == 2 ? Number(name, range[1], least, most, names)
                : range[0] == "*" || stepped.Length == 2 ? most : from;
            if (from > to)
                throw new FormatException($"cron {name} '{text}': {range[0]} comes after {range[1]}");
            for (int value = from; value <= to; value += step)
                set |= 1UL << value;
        }

        return set;
    }

    private static int Number(string field, string text, int least, int most, string[] names)
    {
        int name = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (name >= 0)
            return names == Months ? name + 1 : name;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
            return value;
        throw new FormatException($"cron {field}: '{text}' is not between {least} and {most}");
    }

    private bool HasDay(DateTime day)
    {
        bool monthDay = Has(_monthDays, day.Day), weekDay = Has(_weekDays, (int)day.DayOfWeek);
        return _eitherDay ? monthDay || weekDay : monthDay && weekDay;
    }
}
