/** What goes into the proof of an ONNX export: samples, and the logits that the model and onnxruntime make of them. */

import { isHadalError } from '@hadal/base'
import { openOnnx } from '@hadal/engine/onnx'
import { blockRandom, type ImageModel, imageInputShape } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import { torch } from '@hadal/tensor'
import type { ImageModelFile, OpenedImageModel, Samples } from '@hadal/train'

export interface ProofSamples {
  /** fp32, normalised: what both read, some at a time. */
  readonly samples: readonly { readonly shape: readonly number[]; readonly values: Float32Array }[]
  readonly labels?: Int32Array
  readonly of: string
}

const maxRows = 512

/** Held-out samples of the folder, else those to calibrate with, else noise. */
export function proofSamples(file: ImageModelFile, batches: OpenedImageModel['batches']): ProofSamples {
  const { heldOut, calibration } = file
  const found = heldOut ?? calibration ?? noise(file)
  // Each is freed when the next one comes.
  const samples = Array.from(batches(found, maxRows), (batch) => ({
    shape: batch.shape,
    values: batch.toTypedArray() as Float32Array,
  }))
  const labels = (heldOut ?? calibration)?.labels.subarray(0, maxRows)
  const of = heldOut ? 'held out' : calibration ? 'of the training data' : 'noise'
  return { samples, ...(labels && { labels }), of }
}

function noise({ config }: ImageModelFile): Samples {
  const shape = imageInputShape(config)
  const count = 64
  const random = blockRandom(1, 0, 0)
  const size = shape.reduce((product, each) => product * each, count)
  return {
    shape,
    pixels: Uint8Array.from({ length: size }, () => Math.floor(random() * 256)),
    labels: new Int32Array(count),
  }
}

/** [samples, classes] of logits, or of probabilities. */
export function logitsOfImages(
  model: ImageModel,
  samples: ProofSamples['samples'],
  softmax: boolean,
): Float32Array {
  return joined(
    samples.map(({ shape, values }) => {
      const logits: Tensor = model.forward(torch.tensor(values, { shape }))
      return (softmax ? logits.softmax(1) : logits).toTypedArray() as Float32Array
    }),
  )
}

/** The same of the file; undefined where onnxruntime is not installed. */
export async function logitsInOnnxRuntime(
  path: string,
  samples: ProofSamples['samples'],
  classes: number,
): Promise<{ readonly logits: Float32Array; readonly readBy: string } | undefined> {
  try {
    await using model = await openOnnx(path)
    const output = model.outputs[0]!.name
    const parts: Float32Array[] = []
    for (const { shape, values } of samples) {
      const found = await model.run({ input: { dtype: 'float32', dims: shape, data: values } }, [output])
      const part = found[output]!.data as Float32Array
      if (part.length !== shape[0]! * classes)
        throw new Error(
          `onnxruntime gave ${part.length} numbers of ${shape[0]} samples and ${classes} classes`,
        )
      parts.push(part)
    }
    return { logits: joined(parts), readBy: `onnxruntime ${model.runtimeVersion}` }
  } catch (error) {
    if (isHadalError(error) && error.code === 'onnx_runtime_missing') return undefined
    throw error
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
