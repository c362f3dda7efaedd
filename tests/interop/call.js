// One gRPC call with @grpc/grpc-js. Reads what to call as JSON from stdin, writes what came back as JSON to stdout;
// InteropCall.cs and InteropResult.cs describe both.
'use strict';
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const definition = protoLoader.loadFileDescriptorSetFromBuffer(Buffer.from(input.descriptors, 'base64'), {
  keepCase: true, longs: String, enums: String, bytes: String, defaults: false, oneofs: false,
});
const Service = input.service.split('.').reduce((at, name) => at[name], grpc.loadPackageDefinition(definition));
const client = new Service(input.address, grpc.credentials.createInsecure(), {
  'grpc.default_compression_algorithm': input.gzip ? 2 : 0,
  'grpc.max_receive_message_length': -1,
});
const method = Service.service[input.method];
const result = { messages: [], status: 0, message: '', headers: {}, trailers: {} };

function toObject(metadata) {
  const entries = {};
  for (const name of Object.keys(metadata.getMap())) {
    const value = metadata.get(name)[0];
    entries[name] = Buffer.isBuffer(value) ? value.toString('base64') : value;
  }
  return entries;
}

const metadata = new grpc.Metadata();
for (const [name, value] of Object.entries(input.metadata)) metadata.set(name, value);
const options = input.deadlineMs ? { deadline: Date.now() + input.deadlineMs } : {};
const onAnswer = (error, response) => { if (!error) result.messages.push(response); };

let call;
if (method.requestStream) {
  call = method.responseStream ? client[input.method](metadata, options) : client[input.method](metadata, options, onAnswer);
  for (const request of input.requests) call.write(request);
  call.end();
} else if (method.responseStream) {
  call = client[input.method](input.requests[0], metadata, options);
} else {
  call = client[input.method](input.requests[0], metadata, options, onAnswer);
}
if (method.responseStream) {
  call.on('data', (message) => {
    result.messages.push(message);
    if (result.messages.length === input.cancelAfter) call.cancel();
  });
  call.on('error', () => {}); // the status has it too
}
call.on('metadata', (headers) => { result.headers = toObject(headers); });
call.on('status', (status) => {
  result.status = status.code;
  result.message = status.details;
  result.trailers = toObject(status.metadata);
  setImmediate(() => { client.close(); process.stdout.write(JSON.stringify(result)); });
});
