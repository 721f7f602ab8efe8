/**
 * How long one run of an ONNX model takes in onnxruntime-node, in a process that does nothing else: `onnx-latency.ts model.onnx
 * batch runs`. Prints `{ "medianMs", "runtimeVersion" }`. The input is noise of the first input's shape.
 */

import { openOnnx } from '@hadal/engine/onnx'

const [path, batch, runs] = process.argv.slice(2)
const warmUps = 5

await using model = await openOnnx(path!, { threads: 1 })
const { name, dims: declared } = model.inputs[0]!
const dims = declared.map((size) => (typeof size === 'number' ? size : Number(batch)))
const data = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, at) =>
  Math.sin(at * 0.7),
)
const times: number[] = []
for (let run = 0; run < warmUps + Number(runs); run += 1) {
  const start = performance.now()
  await model.run({ [name]: { dtype: 'float32', dims, data } })
  if (run >= warmUps) times.push(performance.now() - start)
}
times.sort((a, b) => a - b)
console.log(
  JSON.stringify({ medianMs: times[Math.floor(times.length / 2)], runtimeVersion: model.runtimeVersion }),
)
