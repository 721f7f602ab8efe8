/** Which class a model gives each image, computed by libtorch or by onnxruntime. Knows nothing about what is compared. */

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

/** Writes the model to `path`; with an `observer` rounded after training, by 512 of its training images. */
export function writeImageOnnx(path: string, file: ImageModelFile, observer?: ActivationObserver): void {
  scope(() => {
    const { model, quantization } = openImageModelFile(file, observer && { observer })
    const parameters = quantization?.parameters()
    writeOnnx(path, imageOnnx(model, parameters && { quantization: parameters }))
    quantization?.detach()
  })
}

/** Of the model in libtorch, which rounds as its integers will where it is quantised. */
export function classesByModel(
  file: ImageModelFile,
  samples: Samples,
  observer?: ActivationObserver,
): number[] {
  return scope(() => {
    const { model, quantization, batches } = openImageModelFile(file, observer && { observer })
    const classes: number[] = []
    for (const batch of batches(samples))
      classes.push(...noGrad(() => scope(() => model.forward(batch).argmax(1).int().toArray() as number[])))
    quantization?.detach()
    return classes
  })
}

/** Of the file in onnxruntime. */
export async function classesByOnnx(path: string, file: ImageModelFile, samples: Samples): Promise<number[]> {
  await using session = await openOnnx(path, { threads: 1 })
  const classes: number[] = []
  const inputs = scope(() =>
    [...pixelsOf(file, samples)].map((each) => ({ dims: [...each.dims], data: each.data })),
  )
  for (const { dims, data } of inputs) {
    const { logits } = await session.run({ input: { dtype: 'float32', dims, data } })
    const values = logits!.data as Float32Array
    const width = logits!.dims[1]!
    for (let row = 0; row < dims[0]!; row += 1) {
      const own = values.subarray(row * width, (row + 1) * width)
      classes.push(own.indexOf(own.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY)))
    }
  }
  return classes
}

/** As the model reads them. */
function* pixelsOf(
  { normalization, ...file }: ImageModelFile,
  samples: Samples,
): Generator<{ readonly dims: readonly number[]; readonly data: Float32Array }> {
  const { quantization: _, ...plain } = file
  const { batches } = openImageModelFile({ ...plain, ...(normalization && { normalization }) })
  for (const batch of batches(samples))
    yield { dims: batch.shape, data: batch.toTypedArray() as Float32Array }
}

export const accuracyOf = (classes: readonly number[], { labels }: Samples): number =>
  classes.filter((each, at) => each === labels[at]).length / labels.length
