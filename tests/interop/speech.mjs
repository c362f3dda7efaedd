// Drives the OpenAI-compatible speech API with npm's openai: node speech.mjs BASE_URL WAV. Prints one JSON object.
import fs from 'fs';
import OpenAI from 'openai';

const [baseURL, wav] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none is asked for', maxRetries: 0 });
const file = () => fs.createReadStream(wav);

async function failure(action) {
  try {
    await action();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, param: error.param };
  }
}

const transcription = await client.audio.transcriptions.create({ file: file(), model: 'whisper-1' });
const verbose = await client.audio.transcriptions.create({
  file: file(), model: 'whisper-1', response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'],
});
let streamed = '';
for await (const event of await client.audio.transcriptions.create({ file: file(), model: 'whisper-1', stream: true })) {
  streamed = event.type === 'transcript.text.done' ? event.text : streamed;
}
const speech = await client.audio.speech.create({ model: 'tts-1', voice: 'en-us', input: 'Seven times eight is fifty six.', response_format: 'wav' });
const bytes = Buffer.from(await speech.arrayBuffer());

console.log(JSON.stringify({
  text: transcription.text,
  verbose: verbose.text,
  words: verbose.words.length,
  streamed,
  head: bytes.subarray(0, 4).toString('latin1'),
  bytes: bytes.length,
  unknownVoice: await failure(() => client.audio.speech.create({ model: 'tts-1', voice: 'nobody', input: 'x' })),
  badTemperature: await failure(() => client.audio.transcriptions.create({ file: file(), model: 'whisper-1', temperature: 7 })),
}));
