// Runs the .onnx that VitsGoldenTests writes with onnxruntime and prints tests/golden/vits-onnxruntime.json:
//   npm install --ignore-scripts onnxruntime-node@1.30.0    (in a directory of its own, beside which this file is copied)
//   VITS_ONNX=$PWD/voice.onnx dotnet test tests/Models.Tests --filter VitsGolden; node vits-onnxruntime.mjs voice.onnx
import ort from 'onnxruntime-node';
import { createRequire } from 'node:module';

const symbols = [0, 7, 0, 3, 0, 19, 0, 3, 0, 11, 0, 1, 0];
const session = await ort.InferenceSession.create(process.argv[2]);
const ids = new ort.Tensor('int64', BigInt64Array.from(symbols.map(BigInt)), [symbols.length]);
const path = lengths => {
  const frames = lengths.reduce((sum, length) => sum + length, 0), data = new Float32Array(symbols.length * frames);
  let frame = 0;
  lengths.forEach((length, symbol) => { for (let i = 0; i < length; i++) data[symbol * frames + frame++] = 1; });
  return new ort.Tensor('float32', data, [symbols.length, frames]);
};
const logs = [...(await session.run({ ids, path: path(symbols.map(() => 1)) })).log_durations.data];
const result = await session.run({ ids, path: path(logs.map(value => Math.ceil(Math.exp(value)))) });
const [, channels, frames] = result.frames.dims, middle = Math.floor(frames / 2);
console.log(JSON.stringify({
  made: 'onnxruntime-node ' + createRequire(import.meta.url)('onnxruntime-node/package.json').version + ' (npm), tests/golden/vits-onnxruntime.mjs',
  symbols,
  log_durations: logs,
  frame: Array.from({ length: channels }, (_, c) => result.frames.data[c * frames + middle]),
  samples: [...result.samples.data].filter((_, i) => i % 7 === 0),
}, (_, value) => typeof value === 'number' ? Number(value.toPrecision(8)) : value));
