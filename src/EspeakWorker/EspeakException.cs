namespace Inference.EspeakWorker;

/// <summary>The library refused a call.</summary>
internal sealed class EspeakException(string message) : Exception(message);
