// Speed of the tokenizers: reading a vocabulary, and encoding.
//   dotnet run -c Release --project bench/Text.Bench -- make --tiktoken o200k_base.tiktoken --entries 151643 --out DIRECTORY
//   dotnet run -c Release --project bench/Text.Bench -- load PATH          (a directory, a tokenizer.json or a .gguf file)
//   dotnet run -c Release --project bench/Text.Bench -- encode PATH --text FILE
//   dotnet run -c Release --project bench/Text.Bench -- encode PATH --letters 10000000
using System.CommandLine;
using Inference.Text.Bench;

return new RootCommand("Speed of the tokenizers.") { MakeCommand.Create(), LoadCommand.Create(), EncodeCommand.Create() }.Parse(args).Invoke();
