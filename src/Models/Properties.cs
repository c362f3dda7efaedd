using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Inference.Models.Tests")]
