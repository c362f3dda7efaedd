using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates;

namespace Inference.Text.Tests.ChatTemplates;

/// <summary>The formats of the families that are served, each written out by hand from its model card.</summary>
public class ModelFamiliesTests
{
    private const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private const string Llama3 =
        "{% set loop_messages = messages %}{% for message in loop_messages %}"
        + "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}"
        + "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

    private const string Qwen25 = """
        {%- if messages[0]['role'] == 'system' %}
            {{- '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}
        {%- else %}
            {{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
            {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
                {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    private const string Mistral =
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        + "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
        + "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
        + "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";

    private const string Phi3 =
        "{% for message in messages %}{% if message['role'] == 'system' %}{{ '<|system|>\\n' + message['content'] + '<|end|>\\n' }}"
        + "{% elif message['role'] == 'user' %}{{ '<|user|>\\n' + message['content'] + '<|end|>\\n' }}"
        + "{% elif message['role'] == 'assistant' %}{{ '<|assistant|>\\n' + message['content'] + '<|end|>\\n' }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}";

    [Fact]
    public void ChatMl_marks_each_turn_and_opens_the_answer() => Assert.Equal(
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n 6 x 7? <|im_end|>\n<|im_start|>assistant\n",
        Render(ChatMl, "", "", true, ("system", "Be brief."), ("user", " 6 x 7? ")));

    [Fact]
    public void Llama3_begins_with_bos_and_trims_each_message() => Assert.Equal(
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\n6 x 7?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        Render(Llama3, "<|begin_of_text|>", "<|eot_id|>", true, ("system", "Be brief."), ("user", " 6 x 7? ")));

    [Fact]
    public void Qwen25_without_a_system_message_gets_its_own() => Assert.Equal(
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        + "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\n你好<|im_end|>\n<|im_start|>assistant\n",
        Render(Qwen25, "", "<|im_end|>", true, ("user", "Hi"), ("assistant", "Hello!"), ("user", "你好")));

    [Fact]
    public void Mistral_wraps_user_turns_and_closes_answers() => Assert.Equal(
        "<s>[INST] Hi [/INST]Hello!</s>[INST] Bye [/INST]",
        Render(Mistral, "<s>", "</s>", true, ("user", "Hi"), ("assistant", "Hello!"), ("user", "Bye")));

    [Fact]
    public void Mistral_refuses_roles_that_do_not_alternate()
    {
        ChatTemplateException exception = Assert.Throws<ChatTemplateException>(
            () => Render(Mistral, "<s>", "</s>", true, ("user", "Hi"), ("user", "Hello?")));

        Assert.True(exception.IsRaisedByTemplate);
        Assert.Equal("Conversation roles must alternate user/assistant/user/assistant/...", exception.Reason);
    }

    [Fact]
    public void Phi3_without_a_generation_prompt_ends_in_eos() => Assert.Equal(
        "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello!<|end|>\n<|endoftext|>",
        Render(Phi3, "<s>", "<|endoftext|>", false, ("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello!")));

    [Fact]
    public void Phi3_with_a_generation_prompt_opens_the_answer() => Assert.Equal(
        "<|user|>\nHi<|end|>\n<|assistant|>\n",
        Render(Phi3, "<s>", "<|endoftext|>", true, ("user", "Hi")));

    private static string Render(string source, string bos, string eos, bool prompt, params (string Role, string Content)[] messages) =>
        ChatTemplate.Parse(source).Render(new ChatTemplateInput
        {
            Messages = [.. messages.Select(m => (JsonNode)ChatTemplateInput.Message(m.Role, m.Content))],
            AddGenerationPrompt = prompt,
            BosToken = bos,
            EosToken = eos,
        });
}
