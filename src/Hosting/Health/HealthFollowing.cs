using Inference.Rpc.Health;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.Hosting.Health;

/// <summary>Ties gRPC health to the host's phase.</summary>
public static class HealthFollowing
{
    /// <summary>The services are NOT_SERVING until the host is ready, and again once it drains.</summary>
    public static void Follow(this HealthService health, HostState state, params string[] services)
    {
        state.PhaseChanged += Apply;
        Apply(state.Phase);

        void Apply(HostPhase phase)
        {
            foreach (string service in services)
            {
                health.Set(service, phase == HostPhase.Ready ? ServingStatus.Serving : ServingStatus.NotServing);
            }

            if (phase == HostPhase.Draining)
            {
                health.Drain();
            }
        }
    }
}
