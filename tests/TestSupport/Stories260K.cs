using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models;
using Inference.Tensors;

namespace Inference.TestSupport;

/// <summary>
/// The 260K-parameter model of llama2.c (version-0 layout) and its vocabulary, from the shared data, written as a Hugging
/// Face directory with a `tokenizer.json` or as GGUF. It is trained: 200 greedy steps give a known text.
/// </summary>
public sealed class Stories260K
{
    /// <summary>The folder in the shared data.</summary>
    public const string Folder = "stories260K";

    /// <summary>Begins every story; the model also writes it after the last.</summary>
    public const int Bos = 1;

    /// <summary>
    /// The character where two tokens are all but equally likely. Backends that round the activations of BF16 products, as
    /// llama.cpp does, may take either: a last bit of a sum then moves a rounding, and the two containers order the
    /// elements of a head differently.
    /// </summary>
    private const int NearTie = 429;

    private readonly Dictionary<string, (int Start, int Columns)> _tensors = [];
    private readonly float[] _numbers;

    private Stories260K(byte[] model, byte[] vocabulary)
    {
        int[] header = MemoryMarshal.Cast<byte, int>(model.AsSpan(0, 28)).ToArray();
        Config = new ModelConfig
        {
            Architecture = "llama",
            HiddenSize = header[0],
            IntermediateSize = header[1],
            LayerCount = header[2],
            HeadCount = header[3],
            KvHeadCount = header[4],
            VocabularySize = header[5],
            ContextLength = header[6],
            HeadDimension = header[0] / header[3],
            RmsNormEpsilon = 1e-5f,
            TieWordEmbeddings = true,
            BosTokenId = Bos,
            EosTokenIds = [2, Bos],
        };
        _numbers = MemoryMarshal.Cast<byte, float>(model.AsSpan(28)).ToArray();
        Locate();
        (Pieces, Scores) = ReadVocabulary(vocabulary, Config.VocabularySize);
    }

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config { get; }

    /// <summary>Tokens as bytes, spaces as spaces.</summary>
    public IReadOnlyList<byte[]> Pieces { get; }

    /// <summary>Scores of the tokens: the higher, the earlier two pieces are merged into it.</summary>
    public IReadOnlyList<float> Scores { get; }

    /// <summary>
    /// The text of 200 greedy steps after BOS. Rounding the weights to BF16 changes it from the 430th character on, for
    /// llama.cpp as well, whose text it is: tests/golden/llama.cpp/README.md.
    /// </summary>
    public static string ExpectedText(DType type, bool gguf) =>
        type == DType.BF16 && !gguf ? ExpectedText(type)[..NearTie] : ExpectedText(type);

    /// <summary>The text from an F32 file, or from a GGUF file.</summary>
    public static string ExpectedText(DType type) => File.ReadAllText(type == DType.BF16
        ? Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "llama.cpp", "stories260K-bf16-greedy-200.txt")
        : SharedData.Get($"{Folder}/expected-greedy-200.txt"));

    /// <summary>Reads the shared files.</summary>
    public static Stories260K Read() => new(
        File.ReadAllBytes(SharedData.Get($"{Folder}/stories260K.bin")), File.ReadAllBytes(SharedData.Get($"{Folder}/tok512.bin")));

    /// <summary>Writes config.json, weights, tokenizer.json and the rest into a directory.</summary>
    public void WriteHuggingFace(string directory, DType type)
    {
        ModelWriter.WriteHuggingFace(directory, Config, type, Fill);
        File.WriteAllText(Path.Combine(directory, "tokenizer.json"), TokenizerJson().ToJsonString());
        File.WriteAllText(
            Path.Combine(directory, "tokenizer_config.json"),
            """{"add_bos_token":true,"add_eos_token":false,"bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","tokenizer_class":"LlamaTokenizer"}""");
    }

    /// <summary>Writes one GGUF file, vocabulary included.</summary>
    public void WriteGguf(string path, DType type)
    {
        ModelWriter.WriteGguf(path, Config, type, Fill, new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "llama",
            ["tokenizer.ggml.tokens"] = Enumerable.Range(0, Pieces.Count).Select(HuggingFacePiece).ToArray(),
            ["tokenizer.ggml.scores"] = Scores.ToArray(),
            ["tokenizer.ggml.token_type"] = Enumerable.Range(0, Pieces.Count).Select(id => id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1).ToArray(),
            ["tokenizer.ggml.unknown_token_id"] = 0u,
            ["tokenizer.ggml.add_bos_token"] = true,
            ["tokenizer.ggml.add_space_prefix"] = true,
        });
    }

    /// <summary>The text of generated tokens, as llama2.c prints it: without the space that begins the first.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        byte[] text = [.. ids.SelectMany(id => Pieces[id])];
        return Encoding.UTF8.GetString(text.AsSpan(text is [(byte)' ', ..] ? 1 : 0));
    }

    private void Locate()
    {
        int position = 0, d = Config.HiddenSize, inner = Config.IntermediateSize;
        int q = Config.HeadCount * Config.HeadDimension, kv = Config.KvHeadCount * Config.HeadDimension;
        void Add(string name, int rows, int columns)
        {
            _tensors.Add(name, (position, columns));
            position += rows * columns;
        }

        void AddLayers(string name, int rows, int columns)
        {
            for (int i = 0; i < Config.LayerCount; i++)
            {
                Add($"model.layers.{i}.{name}.weight", rows, columns);
            }
        }

        Add("model.embed_tokens.weight", Config.VocabularySize, d);
        AddLayers("input_layernorm", 1, d);
        AddLayers("self_attn.q_proj", q, d);
        AddLayers("self_attn.k_proj", kv, d);
        AddLayers("self_attn.v_proj", kv, d);
        AddLayers("self_attn.o_proj", d, q);
        AddLayers("post_attention_layernorm", 1, d);
        AddLayers("mlp.gate_proj", inner, d);
        AddLayers("mlp.down_proj", d, inner);
        AddLayers("mlp.up_proj", inner, d);
        Add("model.norm.weight", 1, d);
    }

    /// <summary>llama2.c has the heads of queries and keys interleaved, Hugging Face half-split.</summary>
    private void Fill(string name, int row, Span<float> values)
    {
        if (name.Contains("q_proj", StringComparison.Ordinal) || name.Contains("k_proj", StringComparison.Ordinal))
        {
            int d = Config.HeadDimension, element = row % d;
            row = row - element + (2 * (element % (d / 2))) + (element / (d / 2));
        }

        (int start, int columns) = _tensors[name];
        _numbers.AsSpan(start + (row * columns), columns).CopyTo(values);
    }

    private static (List<byte[]> Pieces, List<float> Scores) ReadVocabulary(byte[] file, int count)
    {
        List<byte[]> pieces = [];
        List<float> scores = [];
        ReadOnlySpan<byte> rest = file.AsSpan(4);
        for (int id = 0; id < count; id++)
        {
            scores.Add(BinaryPrimitives.ReadSingleLittleEndian(rest));
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
            byte[] piece = rest.Slice(8, length).ToArray();
            bool isByte = id is >= 3 and < 259;
            pieces.Add(isByte ? [byte.Parse(Encoding.ASCII.GetString(piece, 3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)] : piece);
            rest = rest[(8 + length)..];
        }

        return (pieces, scores);
    }

    private string HuggingFacePiece(int id) => id switch
    {
        0 => "<unk>",
        1 => "<s>",
        2 => "</s>",
        < 259 => $"<0x{id - 3:X2}>",
        _ => Encoding.UTF8.GetString(Pieces[id]).Replace(' ', '▁'),
    };

    private JsonObject TokenizerJson()
    {
        Dictionary<string, int> ids = Enumerable.Range(0, Pieces.Count).ToDictionary(HuggingFacePiece, id => id);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 3).Select(AddedToken)]),
            ["normalizer"] = JsonNode.Parse(
                """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["post_processor"] = JsonNode.Parse(
                """
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                 "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                 "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}
                """),
            ["decoder"] = JsonNode.Parse(
                """
                {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},
                 {"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["ignore_merges"] = false,
                ["vocab"] = JsonSerializer.SerializeToNode(ids),
                ["merges"] = new JsonArray([.. Merges(ids)]),
            },
        };
    }

    private JsonNode AddedToken(int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = HuggingFacePiece(id),
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    /// <summary>Every split of a piece into two pieces is a merge; those of the best score come first.</summary>
    private IEnumerable<JsonNode> Merges(Dictionary<string, int> ids) =>
        from id in Enumerable.Range(259, Pieces.Count - 259)
        let piece = HuggingFacePiece(id)
        from split in Enumerable.Range(1, piece.Length - 1)
        let left = piece[..split]
        let right = piece[split..]
        where ids.ContainsKey(left) && ids.ContainsKey(right)
        orderby Scores[id] descending, ids[left], ids[right]
        select (JsonNode)$"{left} {right}";
}
