using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Inference.Speech.Tests")]
