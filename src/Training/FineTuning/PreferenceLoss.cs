namespace Inference.Training.FineTuning;

/// <summary>
/// The loss of a preference pair, -log sigmoid(beta * margin) (Rafailov et al., Direct Preference Optimization, 2023, equation 7).
/// </summary>
/// <param name="Loss">In nats.</param>
/// <param name="Slope">The derivative of the loss in the chosen answer's negative log-likelihood; the rejected one's is its negative.</param>
/// <param name="Margin">How much more the chosen answer gained on the reference than the rejected one, in nats.</param>
internal readonly record struct PreferenceLoss(double Loss, double Slope, double Margin)
{
    /// <summary>From negative log-likelihoods of whole answers.</summary>
    public static PreferenceLoss Of(double chosen, double rejected, double referenceChosen, double referenceRejected, double beta)
    {
        double margin = referenceChosen - chosen - (referenceRejected - rejected);
        double x = beta * margin;
        double loss = Math.Max(0, -x) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
        double slope = beta / (1 + Math.Exp(x));
        return new PreferenceLoss(loss, slope, margin);
    }
}
