// Drives the OpenAI-compatible API with npm's openai: node openai.mjs BASE_URL. Prints one JSON object.
import OpenAI from 'openai';

const [baseURL] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none is asked for', maxRetries: 0 });
const messages = [{ role: 'user', content: 'Once upon a time' }];
const model = (await client.models.list()).data[0].id;

async function failure(action) {
  try {
    await action();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, param: error.param, code: error.code };
  }
}

const whole = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 20 });
let streamed = '';
let usage = null;
for await (const chunk of await client.chat.completions.create({
  model, messages, temperature: 0, max_tokens: 20, stream: true, stream_options: { include_usage: true },
})) {
  streamed += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
const completion = await client.completions.create({ model, prompt: 'Once upon a time', temperature: 0, max_tokens: 20 });
const aborted = await client.chat.completions.create({ model, messages, max_tokens: 500, n: 16, stream: true });
for await (const chunk of aborted) {
  aborted.controller.abort();
}

console.log(JSON.stringify({
  model,
  whole: whole.choices[0].message.content,
  streamed,
  tokens: usage.completion_tokens,
  completion: completion.choices[0].text,
  unknownModel: await failure(() => client.chat.completions.create({ model: 'gpt-5', messages })),
  badValue: await failure(() => client.chat.completions.create({ model, messages, temperature: -1 })),
  noTools: await failure(() => client.chat.completions.create({ model, messages, tools: [{ type: 'function', function: { name: 'f' } }] })),
}));
