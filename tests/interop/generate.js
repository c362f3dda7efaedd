// Drives GenerationService with @grpc/grpc-js: node generate.js ADDRESS PROTOS. Prints one JSON object.
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, protos] = process.argv.slice(2);
const definition = loader.loadSync('inference/v1/generation.proto', { includeDirs: [protos], keepCase: true, defaults: true, longs: Number });
const { GenerationService } = grpc.loadPackageDefinition(definition).inference.v1;
const client = new GenerationService(address, grpc.credentials.createInsecure());

function generate(request, options = {}, onMessage = () => {}) {
  return new Promise(resolve => {
    let text = '';
    let usage = null;
    const call = client.Generate(request, new grpc.Metadata(), options);
    call.on('data', message => {
      text += message.deltas.map(d => d.text).join('');
      usage = message.usage ?? usage;
      onMessage(call);
    });
    call.on('error', error => resolve({ code: error.code, message: error.details, text }));
    call.on('end', () => resolve({ code: 0, text, tokens: usage?.completion_tokens }));
  });
}

const long = { text: 'Once upon a time', sampling: { ignore_eos: true, n: 16 } };
const bad = {
  empty: { text: '' },
  tenMegabytes: { text: 'a'.repeat(10 << 20) },
  unknownModel: { model: 'gpt-5', text: 'x' },
  temperature: { text: 'x', sampling: { temperature: -1 } },
  topP: { text: 'x', sampling: { top_p: 2 } },
  stops: { text: 'x', sampling: { stop: Array.from({ length: 1000 }, (_, i) => `stop ${i}`) } },
  endlessTemplate: {
    chat: {
      messages: [{ role: 'user', content: 'Hi' }],
      chat_template: '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}',
    },
  },
};

(async () => {
  const result = {};
  result.stream = await generate({ tokens: { ids: [1] }, sampling: { temperature: 0, max_tokens: 200 } });
  result.cancelled = await generate(long, {}, call => call.cancel());
  result.deadline = await generate(long, { deadline: Date.now() + 100 });
  result.errors = {};
  for (const [name, request] of Object.entries(bad)) {
    result.errors[name] = await generate(request);
  }
  result.after = await generate({ tokens: { ids: [1] }, sampling: { temperature: 0, max_tokens: 5 } });
  console.log(JSON.stringify(result));
  client.close();
})();
