/** Predicted classes of an exported model: by onnxruntime if installed, otherwise by libtorch on the dequantized integers. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isHadalError } from '@hadal/base'
import { openOnnx } from '@hadal/engine/onnx'
import { writeOnnx } from '@hadal/formats'
import { noGrad, scope } from '@hadal/tensor'
import {
  type ActivationObserver,
  type ImageModelFile,
  imageOnnx,
  openImageModelFile,
  type Samples,
} from '@hadal/train'

export type Judge = 'onnxruntime' | 'libtorch'

const unusable: ReadonlySet<string> = new Set(['onnx_runtime_missing', 'onnx_runtime_unusable'])

/** By trying it on a model. `folder` is for its file. */
export async function judgeHere(folder: string, file: ImageModelFile, samples: Samples): Promise<Judge> {
  try {
    await judged('onnxruntime', folder, file, samples)
    return 'onnxruntime'
  } catch (error) {
    if (isHadalError(error) && unusable.has(error.code)) return 'libtorch'
    throw error
  }
}

export interface Judged {
  /** Percent. */
  readonly accuracy: number
  /** Bytes of the exported file. */
  readonly bytes: number
}

/** With an `observer` rounded after training, by 512 of its training images. */
export async function judged(
  by: Judge,
  folder: string,
  file: ImageModelFile,
  samples: Samples,
  observer?: ActivationObserver,
): Promise<Judged> {
  const path = join(folder, 'judged.onnx')
  const byModel = scope(() => {
    const { model, quantization, batches } = openImageModelFile(file, observer && { observer })
    const parameters = quantization?.parameters()
    writeOnnx(path, imageOnnx(model, parameters && { quantization: parameters }))
    const classes: number[] = []
    if (by === 'libtorch')
      for (const batch of batches(samples))
        classes.push(...noGrad(() => scope(() => model.forward(batch).argmax(1).int().toArray() as number[])))
    quantization?.detach()
    return classes
  })
  const classes = by === 'libtorch' ? byModel : await classesOfFile(path, file, samples)
  const right = classes.filter((each, at) => each === samples.labels[at]).length
  return { accuracy: (100 * right) / samples.labels.length, bytes: statSync(path).size }
}

async function classesOfFile(path: string, file: ImageModelFile, samples: Samples): Promise<number[]> {
  await using session = await openOnnx(path, { threads: 1 })
  const { quantization: _, ...plain } = file
  const inputs: { readonly dims: readonly number[]; readonly data: Float32Array }[] = []
  // As the model reads them: pixels normalised. A batch is freed when the next one is read.
  scope(() => {
    for (const batch of openImageModelFile(plain).batches(samples))
      inputs.push({ dims: batch.shape, data: batch.toTypedArray() as Float32Array })
  })
  const classes: number[] = []
  for (const { dims, data } of inputs) {
    const { logits } = await session.run({ input: { dtype: 'float32', dims, data } })
    const values = logits!.data as Float32Array
    const width = logits!.dims[1]!
    for (let row = 0; row < dims[0]!; row += 1) {
      const own = values.subarray(row * width, (row + 1) * width)
      classes.push(own.indexOf(Math.max(...own)))
    }
  }
  return classes
}
