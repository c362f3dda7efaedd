namespace Inference.Tensors;

/// <summary>
/// The operations that models are made of, on one device, and the memory that they work in: tensors that this backend allocated or took over
/// (<see cref="Allocate"/>, <see cref="Place(Tensor)"/>). Activations are F32 [rows, columns], a row a token.
/// Backward operations add to every gradient they are given ("+="); the caller clears. Destinations never alias sources
/// unless an operation says that it works in place. The order of every reduction depends on the shapes of one row
/// only, never on the number of rows or threads: a row gives the same bits alone and in any batch.
/// Operations are asked for in order and need not have ended when a method returns; what waits for them: numbers returned, <see cref="Copy"/> to the
/// host, <see cref="Readback.End"/>. Shapes are checked; a mismatch throws <see cref="ArgumentException"/>. Instances are not thread-safe.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>Name and instruction set, as shown to operators: "cpu (avx512, emitted, vnni, bf16, 2 threads)".</summary>
    string Name { get; }

    /// <summary>Threads that <see cref="RunOnHost"/> uses.</summary>
    int HostThreads => 1;

    /// <summary>
    /// Calls body(item, thread) for each item in [0, count), thread in [0, <see cref="HostThreads"/>) being exclusive to
    /// its caller: other work of a step, such as sampling, on threads that stand ready between two operations.
    /// An exception in an item is thrown here; items not yet begun are then left out.
    /// </summary>
    void RunOnHost(int count, Action<int, int> body)
    {
        for (int i = 0; i < count; i++)
        {
            body(i, 0);
        }
    }

    // ---- memory: the defaults are those of a backend that works in the host's ----

    /// <summary>A zeroed tensor in this backend's memory. Not inside a step that is to be repeated: it may wait for the device.</summary>
    Tensor Allocate(int rows, int columns, DType type = DType.F32) => Tensor.Allocate(rows, columns, type);

    /// <summary>
    /// Takes over a tensor of the host's memory: weights, tables. The answer is that tensor, or a copy in this backend's memory; the original is
    /// then disposed of (where it is borrowed, its owner's memory stays). A backend may share copies of the same borrowed memory.
    /// </summary>
    Tensor Place(Tensor stored) => stored;

    /// <summary>
    /// Takes over a low-rank change: the answer is that change, or a copy of it in this backend's memory, which owns it then. Its block must outlive the
    /// answer. Any thread may call this, during a step too.
    /// </summary>
    LowRankWeight Place(LowRankWeight packed) => packed;

    /// <summary>
    /// y = x, every stored byte, between this backend's memory and the host's in any direction. From the host it returns when x may be changed
    /// again; to the host when y has the numbers that x has after all operations asked for so far.
    /// </summary>
    void Copy(Tensor x, Tensor y) => y.CopyFrom(x);

    /// <summary>x = 0, every stored byte.</summary>
    void Clear(Tensor x) => x.Clear();

    /// <summary>Room for results [rows, columns] in F32 that the host reads after each step.</summary>
    Readback CreateReadback(int rows, int columns) => new(Tensor.Allocate(rows, columns));

    /// <summary>A paged cache of keys and values in this backend's memory and layout; see <see cref="HostKvCache"/> for the arguments.</summary>
    KvCache CreateKvCache(int layerCount, int blockCount, int blockLength, int kvHeadCount, int headDimension, DType type) =>
        new HostKvCache(layerCount, blockCount, blockLength, kvHeadCount, headDimension, type);

    /// <summary>
    /// Runs a step: body asks for its operations, whose indices are the very arrays of the inputs. Here that is all. A device uploads the inputs
    /// once; and where it has recorded a step of an equal key and as many of each input, it may repeat that one with these inputs and not call body.
    /// </summary>
    /// <param name="key">
    /// Equal for steps that, with as many of each input, ask for the same operations on the same tensors, none of which allocates, copies to or from
    /// the host, or returns a number; null: there is no such other step.
    /// </param>
    /// <param name="inputs">The indices.</param>
    /// <param name="body">Asks for the operations.</param>
    void Step(object? key, in StepInputs inputs, Action body) => body();

    // ---- forward ----

    /// <summary>
    /// y[t] = table[ids[t]], converted to F32. table [vocabulary, d] of any format; y [T, d]. With activations as the table
    /// it gathers rows: the tokens of an expert, the rows whose logits are wanted.
    /// </summary>
    void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y);

    /// <summary>y = x wᵀ (+ bias). x [T, in]; w [out, in] of any format; bias [1, out] in F32 or null; y [T, out].</summary>
    void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y);

    /// <summary>
    /// Weights for products that are made often, in this backend's own memory and layout. Where that is the host's, nothing is copied before
    /// the first product. The parts must stay alive and unchanged until the prepared weight is disposed of.
    /// </summary>
    /// <param name="parts">
    /// Weights [out, in] with the same number of columns, of any formats: layers with the same input. As stored, in the host's memory.
    /// </param>
    PreparedWeight Prepare(params ReadOnlySpan<Tensor> parts);

    /// <summary>
    /// The products of x with each part: y[i] = x parts[i]ᵀ (+ bias[i]). x [T, in]; bias [1, out of part i] in F32, null, or
    /// the span empty for none at all; y[i] [T, out of part i]. Activations may be rounded to what the weight's
    /// format is multiplied with (see docs/architecture.md), which <see cref="Linear(Tensor, Tensor, Tensor?, Tensor)"/> never does.
    /// </summary>
    void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y);

    /// <summary>Products that do not read what another writes, as one: those of the experts of a layer. The same bits as one by one.</summary>
    void Linear(ReadOnlySpan<LinearProduct> products)
    {
        foreach (LinearProduct product in products)
        {
            Linear(product.X, product.W, product.Bias, product.Y);
        }
    }

    /// <summary>The product with a prepared weight of one part.</summary>
    void Linear(Tensor x, PreparedWeight w, Tensor? bias, Tensor y) => Linear(x, w, [bias], [y]);

    /// <summary>The number format in which low-rank changes of weights of 16 bits or fewer are read the fastest: BF16, or Q8_0 for 8 bits.</summary>
    DType LowRankFormat => DType.BF16;

    /// <summary>Adds low-rank changes to rows of finished products, all as one: the adapters of a batch. No row of a Y is in two products.</summary>
    void AddLowRank(ReadOnlySpan<LowRankProduct> products);

    /// <summary>A product and the low-rank changes of its rows, as one: an adapter's numbers come from memory while the product is computed. The same bits as one after the other.</summary>
    void Linear(in LinearProduct product, LowRankChanges changes)
    {
        Linear([product]);
        AddLowRank(changes.Products(product));
    }

    /// <summary>y = x / sqrt(mean(x²) + epsilon) * weight, by row. x, y [T, d] (y may be x); weight [1, d] in F32.</summary>
    void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y);

    /// <summary>y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias, by row. x, y [T, d] (y may be x); weight, bias [1, d] in F32.</summary>
    void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y);

    /// <summary>y = x Phi(x), Phi the normal distribution (GELU by erf, not by tanh), elementwise; y may be x.</summary>
    void Gelu(Tensor x, Tensor y);

    /// <summary>y += x, elementwise.</summary>
    void Add(Tensor x, Tensor y);

    /// <summary>x *= factor, elementwise.</summary>
    void Scale(Tensor x, float factor);

    /// <summary>x = cap * tanh(x / cap), elementwise; cap above 0 (final logits of Gemma 2).</summary>
    void SoftCap(Tensor x, float cap);

    /// <summary>
    /// y[rows[i]] += weights[i] * x[i], in the order of i: the answers of an expert go back to its tokens. x [n, d]; y [T, d].
    /// </summary>
    void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y);

    /// <summary>
    /// Rotates each head of x [T, heads * headDimension] in place by the angles of its row's position.
    /// cos, sin [positions, r / 2], where the first r elements of a head are rotated and the others stay (r is headDimension,
    /// or less in partial rotation); <paramref name="inverse"/> rotates by the negative angle (the backward pass).
    /// </summary>
    void Rotary(Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse = false);

    /// <summary>y = silu(gate) * up, elementwise; y may be gate.</summary>
    void SwiGlu(Tensor gate, Tensor up, Tensor y);

    /// <summary>y = gelu(gate) * up, elementwise, gelu by its tanh approximation (Hendrycks and Gimpel, 2016); y may be gate. No backward.</summary>
    void GeGlu(Tensor gate, Tensor up, Tensor y);

    /// <summary>A convolution's weight [out, taps * in] (F32, the taps outermost) in this backend's own memory and layout. The weight, of the host's memory, is copied.</summary>
    PreparedConvolution PrepareConvolution(Tensor weight, int taps);

    /// <summary>
    /// y[t][column + o] = bias[o] + the sum over taps k and channels i of w[o][k][i] x[t - left + k * dilation][i], rows beyond the
    /// ends of x being zeros: a convolution over time, or a phase of a transposed one. x [T, in]; bias [1, out] in F32 or null;
    /// y [any number of rows, at least column + out].
    /// </summary>
    void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y);

    /// <summary>y = x where x is at least 0, else slope * x, elementwise; slope 0 to 1; y may be x. No backward.</summary>
    void LeakyRelu(Tensor x, float slope, Tensor y);

    /// <summary>y = tanh(a) * sigmoid(b), where x [T, 2 d] has a in its first d columns and b in the others; y [T, d]. No backward.</summary>
    void GatedTanh(Tensor x, Tensor y);

    /// <summary>Stores rows of k and v [T, kvHeads * headDimension] at cache slots[t] of a layer.</summary>
    void WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots);

    /// <summary>
    /// Causal attention of q [T, heads * headDimension] over the cached keys and values of a layer (those of this
    /// batch included), grouped-query: head h reads key/value head h / (heads / kvHeads). y [T, heads * headDimension].
    /// </summary>
    void PagedAttention(Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y);

    // ---- training: forward with saved state, and backward ----

    /// <summary>
    /// Causal self-attention inside each of the packed sequences; sequence s has rows [starts[s], starts[s + 1]).
    /// q, y [T, heads * d]; k, v [T, kvHeads * d]; logSumExp [T, heads] is kept for the backward pass.
    /// </summary>
    void CausalAttention(Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, float scale, Tensor y, Tensor logSumExp);

    /// <summary>dq, dk, dv += the gradients of <see cref="CausalAttention"/>, probabilities recomputed from logSumExp.</summary>
    void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension, float scale,
        Tensor dq, Tensor dk, Tensor dv);

    /// <summary>
    /// Attention of every row of a sequence's queries to all rows of its keys (an encoder's own, or cross-attention):
    /// sequence s has the rows [queryStarts[s], queryStarts[s + 1]) of q and [keyStarts[s], keyStarts[s + 1]) of k and v, at least
    /// one of these if it has queries. q, y [T, heads * d]; k, v [U, kvHeads * d]; logSumExp [T, heads] is kept for the backward pass.
    /// </summary>
    void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, float scale,
        Tensor y, Tensor logSumExp);

    /// <summary>dq, dk, dv += the gradients of <see cref="FullAttention"/>, probabilities recomputed from logSumExp.</summary>
    void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv);

    /// <summary>dx += dy w. dy [T, out]; w [out, in] of any format; dx [T, in].</summary>
    void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx);

    /// <summary>dw += dyᵀ x; dbias += the column sums of dy, unless null. dw [out, in] in F32.</summary>
    void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias);

    /// <summary>dtable[ids[t]] += dy[t], in the order of t.</summary>
    void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable);

    /// <summary>dx, dweight += the gradients of <see cref="RmsNorm"/>; dweight is null where the weight is frozen.</summary>
    void RmsNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight);

    /// <summary>dx, dweight, dbias += the gradients of <see cref="LayerNorm"/>.</summary>
    void LayerNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias);

    /// <summary>dx += the gradient of <see cref="Gelu"/>.</summary>
    void GeluBackward(Tensor x, Tensor dy, Tensor dx);

    /// <summary>dgate, dup += the gradients of <see cref="SwiGlu"/>.</summary>
    void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup);

    /// <summary>
    /// losses[t] = weights[t] * -log softmax(logits[t])[targets[t]], and logits [T, vocabulary] become
    /// scale * weights[t] * (softmax - onehot). A row of weight 0 gives loss and gradient 0, whatever its target.
    /// </summary>
    /// <returns>The rows, of those of another weight than 0, of which no element is above the target's.</returns>
    int CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, Span<double> losses);

    /// <summary>
    /// One AdamW step (Loshchilov and Hutter, decoupled decay): m, v and parameter updated in place from gradient * gradientScale.
    /// <paramref name="step"/> counts from 1, for the bias correction.
    /// </summary>
    void AdamW(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float gradientScale,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step);

    /// <summary>The sum of the squares of all elements of all tensors, in double precision, one tensor after the other.</summary>
    double SumOfSquares(params ReadOnlySpan<Tensor> tensors);
}
