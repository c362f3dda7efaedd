namespace Inference.InferenceHost.Models;

/// <summary>Where a model is in its life.</summary>
public enum ModelState
{
    /// <summary>Its files are read.</summary>
    Loading,

    /// <summary>It answers.</summary>
    Ready,

    /// <summary>It finishes what runs and takes nothing new.</summary>
    Unloading,
}
