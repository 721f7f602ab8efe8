/**
 * How long a run of an ONNX model takes in onnxruntime-node, in a process that does nothing else: `onnx-latency.ts model.onnx runs
 * batch...`. Prints `{ "medianMs": [one for each batch], "runtimeVersion" }`. The input is noise of the first input's shape.
 */

import { openOnnx } from '@hadal/engine/onnx'

const [path, runs, ...batches] = process.argv.slice(2)
const warmUps = 3

await using model = await openOnnx(path!, { threads: 1 })
const medianMs: number[] = []
for (const batch of batches) medianMs.push(await medianOf(Number(batch)))
console.log(JSON.stringify({ medianMs, runtimeVersion: model.runtimeVersion }))

async function medianOf(batch: number): Promise<number> {
  const { name, dims: declared } = model.inputs[0]!
  const dims = declared.map((size) => (typeof size === 'number' ? size : batch))
  const count = dims.reduce((product, size) => product * size, 1)
  const data = Float32Array.from({ length: count }, (_, at) => Math.sin(at * 0.7))
  const times: number[] = []
  for (let run = 0; run < warmUps + Number(runs); run += 1) {
    const start = performance.now()
    await model.run({ [name]: { dtype: 'float32', dims, data } })
    if (run >= warmUps) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)]!
}
