/** Learning which class an image is of, or features of one. */

import { classLoss } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'
import { type Draw, imageBatch } from '../image-data/image-batch.ts'
import { augmentationDefaults, type LabelledImages } from '../image-data/labelled-images.ts'
import type { ImageView } from '../kinds/open-model.ts'
import type { ClassObjective } from '../objective.ts'
import type { Task } from './pass.ts'
import { passesInOrder, type Rows, type Sampling } from './rows.ts'

/** `size` samples a pass. */
export function imageClassTask(
  train: LabelledImages,
  valid: LabelledImages,
  objective: ClassObjective,
  size: number,
  seed: number,
  sampling: Sampling,
): Task<ImageView> {
  const { views } = { ...augmentationDefaults, ...train.augmentation }
  const { classWeights, labelSmoothing } = objective
  const rows = (images: LabelledImages, drawn: boolean): Rows<ImageView> => ({
    count: images.labels.length,
    unit: 'images',
    pass: (indices, turn) => {
      const each = drawn ? views : 1
      const draw: Draw | undefined = drawn ? { seed, turn } : undefined
      const labels = Int32Array.from(indices, (index) => images.labels[index]!)
      const repeated = Int32Array.from(
        { length: labels.length * each },
        (_, at) => labels[Math.floor(at / each)]!,
      )
      const targets = (): Tensor => torch.tensor(repeated).long()
      const logitsOf = (model: ImageView): Tensor => model.logits(imageBatch(images, indices, draw))
      const lossOf = (logits_bk: Tensor): Tensor =>
        classLoss(logits_bk, targets(), {
          classWeights: classWeights && torch.tensor(Float32Array.from(classWeights)),
          labelSmoothing,
        }).sum.div(each)
      return {
        weight: labels.reduce((sum, label) => sum + (classWeights?.[label] ?? 1), 0),
        tokens: indices.length,
        rowsPerSample: each,
        loss: (model) => lossOf(logitsOf(model)),
        measure: (model) => {
          const logits_bk = logitsOf(model)
          const right_b = logits_bk.argmax(1).eq(targets())
          return { loss: lossOf(logits_bk), sums: { accuracy: right_b.sum().div(each) } }
        },
      }
    },
  })
  const heldOut = rows(valid, false)
  return {
    head: undefined,
    training: sampling(rows(train, true)),
    prepare: async () => {},
    heldOut: () => passesInOrder(heldOut, size),
  }
}
