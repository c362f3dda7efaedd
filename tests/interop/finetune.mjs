// Uploads a data set and follows a fine-tuning job with npm's openai: node finetune.mjs BASE_URL MODEL FILE. Prints one JSON object.
import fs from 'node:fs';
import OpenAI from 'openai';

const [baseURL, model, path] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none is asked for', maxRetries: 0 });

async function failure(action) {
  try {
    await action();
    return null;
  } catch (error) {
    return { status: error.status, param: error.param, code: error.code, message: error.message };
  }
}

const file = await client.files.create({ file: fs.createReadStream(path), purpose: 'fine-tune' });
const bad = await client.files.create({ file: new File(['{"messages":[]}'], 'bad.jsonl'), purpose: 'fine-tune' });
let job = await client.fineTuning.jobs.create({
  model, training_file: file.id, suffix: 'npm', seed: 3, method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2, batch_size: 'auto' } } },
});
const created = job;
const paused = await client.fineTuning.jobs.pause((await client.fineTuning.jobs.create({ model, training_file: file.id })).id);
const cancelled = await client.fineTuning.jobs.cancel((await client.fineTuning.jobs.resume(paused.id)).id);
while (!['succeeded', 'failed', 'cancelled'].includes(job.status)) {
  await new Promise(resolve => setTimeout(resolve, 50));
  job = await client.fineTuning.jobs.retrieve(job.id);
}

const events = [];
for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 2 })) {
  events.push(event.message);
}
const checkpoints = (await client.fineTuning.jobs.checkpoints.list(job.id)).data;
const jobs = [];
for await (const each of client.fineTuning.jobs.list({ limit: 1 })) {
  jobs.push(each.id);
}
const content = await (await client.files.content(file.id)).text();
const files = (await client.files.list()).data.map(f => f.id);
await client.files.delete(bad.id);

console.log(JSON.stringify({
  created, job, paused: paused.status, cancelled: cancelled.status, events, checkpoints, jobs, file, files, content,
  deleted: await failure(() => client.files.retrieve(bad.id)),
  invalid: await failure(async () => {
    const broken = await client.files.create({ file: new File(['{"messages":[]}'], 'bad.jsonl'), purpose: 'fine-tune' });
    await client.fineTuning.jobs.create({ model, training_file: broken.id });
  }),
  purpose: await failure(() => client.files.create({ file: new File(['x'], 'x.txt'), purpose: 'assistants' })),
  unknown: await failure(() => client.fineTuning.jobs.retrieve('ftjob-4711')),
}));
