using Inference.Jobs;
using Inference.Jobs.Stores;
using Inference.Jobs.Tests;
using Inference.Rpc.Client;
using Inference.Rpc.Health.V1;
using Microsoft.Extensions.Options;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.JobWorker.Tests;

public class HostTests
{
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Check = new(HealthReflection.Descriptor.Services[0], "Check");

    [Fact]
    public async Task A_host_without_configuration_keeps_its_jobs_in_sqlite_and_is_healthy_by_both_protocols()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"));

        HealthCheckResponse health = await worker.Channel.Unary(Check, new HealthCheckRequest());
        string ready = await worker.Http.GetStringAsync("/readyz");
        string metrics = await worker.Http.GetStringAsync("/metrics");

        Assert.Equal(ServingStatus.Serving, health.Status);
        Assert.Equal("ready\n", ready);
        Assert.Contains("kestrel_active_connections", metrics);
        Assert.IsType<SqliteJobStore>(worker.Store);
        Assert.Equal(JobState.Queued, (await worker.Store.SubmitAsync(new JobSubmission { Kind = "any" })).State);
    }

    [PostgresFact]
    public async Task A_host_with_a_connection_string_keeps_its_jobs_in_postgresql()
    {
        string connection = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"), ("Queue:Postgres", connection));

        Assert.IsType<PostgresJobStore>(worker.Store);
        Assert.Equal(JobState.Queued, (await worker.Store.SubmitAsync(new JobSubmission { Kind = "any" })).State);
    }

    [Theory]
    [InlineData("Worker:Slots", "65", "Slots")]
    [InlineData("Worker:SlotKind", "tpu", "SlotKind")]
    [InlineData("Queue:MaxFruitlessAttempts", "0", "MaxFruitlessAttempts")]
    public async Task A_setting_out_of_its_range_stops_the_start_and_is_named(string key, string value, string name)
    {
        OptionsValidationException exception =
            await Assert.ThrowsAsync<OptionsValidationException>(() => RunningWorker.StartAsync((key, value)));

        Assert.Contains(name, exception.Message);
    }
}
