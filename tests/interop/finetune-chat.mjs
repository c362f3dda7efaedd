// Uploads a data set, trains an adapter and asks it, with npm's openai: node finetune-chat.mjs BASE_URL MODEL FILE QUESTION. Prints one JSON object.
import fs from 'node:fs';
import OpenAI from 'openai';

const [baseURL, model, path, question] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none is asked for', maxRetries: 0 });

async function ask(name) {
  const answer = await client.chat.completions.create({ model: name, messages: [{ role: 'user', content: question }], temperature: 0, max_tokens: 40 });
  return answer.choices[0].message.content;
}

const file = await client.files.create({ file: fs.createReadStream(path), purpose: 'fine-tune' });
let job = await client.fineTuning.jobs.create({ model, training_file: file.id, suffix: 'npm' });
while (!['succeeded', 'failed', 'cancelled'].includes(job.status)) {
  await new Promise(resolve => setTimeout(resolve, 20));
  job = await client.fineTuning.jobs.retrieve(job.id);
}

console.log(JSON.stringify({ model: job.fine_tuned_model, error: job.error, answer: await ask(job.fine_tuned_model), base: await ask(model) }));
