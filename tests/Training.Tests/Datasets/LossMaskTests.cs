using Inference.TestSupport;
using Inference.Text.ChatTemplates;
using Inference.Training.Data;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;

namespace Inference.Training.Tests.Datasets;

/// <summary>What the model writes counts, what it is given does not, and both are the tokens that generation sees.</summary>
public class LossMaskTests
{
    private static readonly ChatTurn[] Talk =
    [
        new("system", "Be kind."),
        new("user", "What is 2 + 2?"),
        new("assistant", "It is 4.", Weight: 1),
        new("user", "And 3 + 3?"),
        new("assistant", "\nIt is 6.", Weight: 1),
    ];

    [Fact]
    public void Answers_and_their_ends_are_learned_and_nothing_else()
    {
        TrainingExample example = Tokenize(Talk);

        Assert.Equal(["It is 4.<|im_end|>", "\nIt is 6.<|im_end|>"], DemoTokens.Learned(example.Tokens, example.Weights));
    }

    [Fact]
    public void The_tokens_before_an_answer_are_the_prompt_s_of_generation()
    {
        TrainingExample example = Tokenize(Talk);
        int last = Array.FindLastIndex(example.Weights, w => w > 0);
        int answer = Array.FindLastIndex(example.Weights, last, w => w == 0) + 1;
        string prompt = DemoTokens.Template.Render(new ChatTemplateInput
        {
            Messages = [.. Talk[..4].Select(t => ChatTemplateInput.Message(t.Role, t.Content))],
            EosToken = "<|im_end|>",
        });

        Assert.Equal(DemoTokens.Tokenizer.Encode(prompt, addSpecialTokens: false, parseSpecial: true), example.Tokens[..answer]);
    }

    [Fact]
    public void Weights_of_messages_are_weights_of_their_tokens()
    {
        ChatTurn[] talk = [.. Talk];
        talk[2] = talk[2] with { Weight = 0 };
        talk[4] = talk[4] with { Weight = 0.25f };

        TrainingExample example = Tokenize(talk);

        Assert.Equal(["\nIt is 6.<|im_end|>"], DemoTokens.Learned(example.Tokens, example.Weights));
        Assert.All(example.Weights, w => Assert.True(w is 0 or 0.25f));
    }

    [Fact]
    public void Generation_blocks_say_what_is_learned()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}");

        TrainingExample example = Tokenize(Talk, template);

        Assert.Equal(["It is 4.", "\nIt is 6."], DemoTokens.Learned(example.Tokens, example.Weights));
    }

    [Fact]
    public void A_template_that_drops_reasoning_from_earlier_turns_is_followed()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}{{ m.content | trim }}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}");

        TrainingExample example = Tokenize(Talk, template);

        Assert.Equal(["It is 4.<|im_end|>", "<think>\n\n</think>\n\nIt is 6.<|im_end|>"], DemoTokens.Learned(example.Tokens, example.Weights));
    }

    [Fact]
    public void A_template_that_refuses_the_roles_is_told_in_its_words()
    {
        ChatTemplate template = ChatTemplate.Parse("{% if messages[0].role == 'system' %}{{ raise_exception('no system role here') }}{% endif %}");
        List<string> faults = [];

        new ExampleTokenizer(DemoTokens.Tokenizer, template, 64, DemoTokens.Day).Tokenize(new DatasetRecord.Chat(Talk), (field, reason) => faults.Add($"{field} {reason}"));

        Assert.Contains("no system role here", Assert.Single(faults));
    }

    [Fact]
    public void A_completion_is_learned_with_the_end_of_the_text()
    {
        List<TokenizedRecord> taken = [];
        DatasetReport report = DemoTokens.Read("""{"prompt":"Once upon","completion":" a time."}""", take: taken.Add);

        TrainingExample example = Assert.Single(Assert.Single(taken).Examples);
        Assert.Equal([" a time.<|im_end|>"], DemoTokens.Learned(example.Tokens, example.Weights));
        Assert.Equal(DemoTokens.Tokenizer.Encode("Once upon"), example.Tokens.Take(example.Weights.Count(w => w == 0)));
        Assert.Equal((example.Tokens.Length, example.Weights.Count(w => w > 0)), (report.Tokens, report.TrainedTokens));
    }

    [Fact]
    public void A_token_over_the_edge_is_cut_there()
    {
        TrainingExample example = Assert.Single(Tokenizer().Tokenize(new DatasetRecord.PromptCompletion("The do", "g ran."), (_, _) => { })!.Examples);

        Assert.NotEqual(DemoTokens.Tokenizer.Encode("The dog ran.").Length + 1, example.Tokens.Length);
        Assert.Equal(["g ran.<|im_end|>"], DemoTokens.Learned(example.Tokens, example.Weights));
    }

    [Theory]
    [InlineData("""{"prompt":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Hello!"}],"rejected":[{"role":"assistant","content":"No."}]}""")]
    [InlineData("""{"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"assistant","content":"Hello!"}],"non_preferred_output":[{"role":"assistant","content":"No."}]}""")]
    public void Both_answers_of_a_pair_follow_the_same_prompt(string line)
    {
        List<TokenizedRecord> taken = [];
        DemoTokens.Read(line, FineTuningMethod.Dpo, take: taken.Add);

        TrainingExample[] pair = [.. Assert.Single(taken).Examples];
        Assert.Equal(["Hello!<|im_end|>"], DemoTokens.Learned(pair[0].Tokens, pair[0].Weights));
        Assert.Equal(["No.<|im_end|>"], DemoTokens.Learned(pair[1].Tokens, pair[1].Weights));
        int prompt = Array.FindIndex(pair[0].Weights, w => w > 0);
        Assert.Equal(pair[0].Tokens[..prompt], pair[1].Tokens[..prompt]);
    }

    [SharedDataTheory("chat-templates")]
    [InlineData("Qwen-Qwen2.5-7B-Instruct.jinja")]
    [InlineData("Qwen-Qwen3-0.6B.jinja")]
    [InlineData("HuggingFaceTB-SmolLM3-3B.jinja")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct.jinja")]
    [InlineData("google-gemma-2-2b-it.jinja")]
    [InlineData("microsoft-Phi-3.5-mini-instruct.jinja")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407.jinja")]
    public void Templates_of_real_models_give_each_answer(string file)
    {
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(Path.Combine(SharedData.Get("chat-templates"), file)));

        TrainingExample example = Tokenize([.. Talk[1..]], template);

        string[] learned = DemoTokens.Learned(example.Tokens, example.Weights);
        Assert.Equal(2, learned.Length);
        Assert.Contains("It is 4.", learned[0]);
        Assert.Contains("It is 6.", learned[1]);
        Assert.All(learned, text => Assert.DoesNotContain("3 + 3", text));
    }

    private static ExampleTokenizer Tokenizer(ChatTemplate? template = null) =>
        new(DemoTokens.Tokenizer, template ?? DemoTokens.Template, 1024, DemoTokens.Day);

    private static TrainingExample Tokenize(ChatTurn[] turns, ChatTemplate? template = null) => Assert.Single(
        Tokenizer(template).Tokenize(new DatasetRecord.Chat(turns), (field, reason) => Assert.Fail($"{field} {reason}"))!.Examples);
}
