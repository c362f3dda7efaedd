// Drives Riva's services with @grpc/grpc-js: node riva.js ADDRESS PROTOS FOLDER WAV, where PROTOS/FOLDER holds riva_asr.proto and
// riva_tts.proto (ours, or Riva's own). Prints one JSON object.
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, protos, folder, wav] = process.argv.slice(2);
const definition = loader.loadSync([`${folder}/riva_asr.proto`, `${folder}/riva_tts.proto`], {
  includeDirs: [protos], keepCase: true, defaults: true, longs: Number, enums: String,
});
const { asr, tts } = grpc.loadPackageDefinition(definition).nvidia.riva;
const recognition = new asr.RivaSpeechRecognition(address, grpc.credentials.createInsecure());
const synthesis = new tts.RivaSpeechSynthesis(address, grpc.credentials.createInsecure());
const chunkBytes = 1600;

function collect(call) {
  return new Promise(resolve => {
    const messages = [];
    call.on('data', message => messages.push(message));
    call.on('error', error => resolve({ code: error.code, message: error.details, messages }));
    call.on('end', () => resolve({ code: 0, messages }));
  });
}

async function recognise(config, audio) {
  const call = recognition.StreamingRecognize();
  const result = collect(call);
  call.write({ streaming_config: config });
  for (let at = 0; at < audio.length; at += chunkBytes) {
    call.write({ audio_content: audio.subarray(at, at + chunkBytes) });
  }
  call.end();
  const { code, message, messages } = await result;
  const results = messages.flatMap(m => m.results);
  const final = results.filter(r => r.is_final);
  return {
    code, message,
    interim: results.length - final.length,
    text: final.map(r => r.alternatives[0].transcript).join(' ').trim(),
    words: final.flatMap(r => r.alternatives[0].words.map(w => w.word)),
    inOrder: final.every(r => r.alternatives[0].words.every(w => w.start_time <= w.end_time)),
  };
}

async function speak(request) {
  const call = synthesis.SynthesizeOnline(request);
  // Older files of Riva's have one request, newer ones a stream.
  if (typeof call.write === 'function') {
    call.write(request);
    call.end();
  }
  const { code, message, messages } = await collect(call);
  return { code, message, chunks: messages.length, bytes: messages.reduce((sum, m) => sum + m.audio.length, 0) };
}

function unary(client, method, request) {
  return new Promise(resolve => client[method](request, (error, response) => resolve(error ? { code: error.code, message: error.details } : response)));
}

(async () => {
  const audio = fs.readFileSync(wav);
  const config = { language_code: 'en-US', enable_word_time_offsets: true };
  const models = await unary(recognition, 'GetRivaSpeechRecognitionConfig', {});
  const voices = await unary(synthesis, 'GetRivaSynthesisConfig', {});
  console.log(JSON.stringify({
    models: models.model_config.length,
    voices: voices.model_config.length,
    // As Riva's own client streams a file: no encoding, no rate, the header inside.
    recognised: await recognise({ config, interim_results: true }, audio),
    refused: await recognise({ config: { ...config, sample_rate_hertz: 1, encoding: 'MULAW' } }, audio),
    spoken: await speak({ text: 'Seven times eight is fifty six.', language_code: 'en-US', encoding: 'LINEAR_PCM', sample_rate_hz: 44100 }),
    unknownVoice: await speak({ text: 'x', voice_name: 'nobody' }),
    whole: (await unary(synthesis, 'Synthesize', { text: 'Seven.', language_code: 'en-US', encoding: 'LINEAR_PCM', sample_rate_hz: 22050 })).audio.length,
  }));
  recognition.close();
  synthesis.close();
})();
