using System.Globalization;

namespace Inference.Jobs.Tests;

public class CronExpressionTests
{
    [Theory]
    [InlineData("* * * * *", "2026-11-21 06:34:59", "2026-11-21 06:35")]
    [InlineData("*/15 * * * *", "2026-11-21 06:45", "2026-11-21 07:00")]
    [InlineData("5/20 * * * *", "2026-11-21 06:26", "2026-11-21 06:45")]
    [InlineData("30 2 * * *", "2026-11-21 02:30", "2026-11-22 02:30")]
    [InlineData("0 0 1 1 *", "2026-11-21 06:34", "2027-01-01 00:00")]
    [InlineData("0 9-17/4 * * MON-fri", "2026-11-20 17:00", "2026-11-23 09:00")]
    [InlineData("0 0 * * 7", "2026-11-21 06:34", "2026-11-22 00:00")]
    [InlineData("0 0 * * 0", "2026-11-21 06:34", "2026-11-22 00:00")]
    [InlineData("0 0 13 * 5", "2026-11-21 06:34", "2026-11-27 00:00")]
    [InlineData("0 0 13 * 5", "2026-12-12 06:34", "2026-12-13 00:00")]
    [InlineData("0 0 */2 * 1", "2026-11-21 06:34", "2026-11-23 00:00")]
    [InlineData("0 0 29 FEB *", "2096-03-01 00:00", "2104-02-29 00:00")]
    [InlineData("59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59")]
    [InlineData("0 0 31 4,6,12 *", "2026-11-21 06:34", "2026-12-31 00:00")]
    public void The_next_date_is_the_calendars(string cron, string after, string next) =>
        Assert.Equal(Utc(next), CronExpression.Parse(cron).Next(Utc(after)));

    [Fact]
    public void A_date_that_never_comes_is_null() => Assert.Null(CronExpression.Parse("0 0 31 2 *").Next(Utc("2026-11-21 06:34")));

    [Fact]
    public void Local_offsets_do_not_matter()
    {
        DateTimeOffset after = new(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)); // within the hour that Central Europe leaves out
        Assert.Equal(Utc("2026-03-29 01:00"), CronExpression.Parse("0 * * * *").Next(after));
    }

    [Fact]
    public void Every_minute_is_met_by_exactly_the_fields_that_name_it()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            int minute = random.Next(60), hour = random.Next(24), day = random.Next(1, 29), month = random.Next(1, 13);
            DateTimeOffset date = new(2027, month, day, hour, minute, 0, TimeSpan.Zero);
            CronExpression cron = CronExpression.Parse($"{minute} {hour} {day} {month} *");
            Assert.Equal(date, cron.Next(date.AddMinutes(-random.Next(1, 5_000))));
            Assert.Equal(date.AddYears(1), cron.Next(date));
        }
    }

    [Theory]
    [InlineData("* * * *", "4 fields")]
    [InlineData("60 * * * *", "minute")]
    [InlineData("* 24 * * *", "hour")]
    [InlineData("* * 0 * *", "day of month")]
    [InlineData("* * * 13 *", "month")]
    [InlineData("* * * * 8", "day of week")]
    [InlineData("* * * * MOON", "MOON")]
    [InlineData("30-10 * * * *", "after")]
    [InlineData("*/0 * * * *", "between 1")]
    [InlineData("1-2-3 * * * *", "neither")]
    [InlineData("1,,2 * * * *", "''")]
    [InlineData("-1 * * * *", "''")]
    public void What_cannot_be_read_is_refused_with_the_reason(string cron, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => CronExpression.Parse(cron)).Message);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
