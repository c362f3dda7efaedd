using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Inference.Training.Tests")]
