/** Learning which class a text is of, from the hidden state of its last token. */

import { ClassificationHead, classLoss, type HiddenModel } from '@hadal/nn'
import { type DType, torch } from '@hadal/tensor'
import type { ClassObjective } from '../objective.ts'
import type { LabelledTexts } from '../training-data.ts'
import type { Task } from './pass.ts'
import { passesInOrder, type Rows, type Sampling } from './rows.ts'

/** `size` texts a pass. */
export function classTask(
  train: LabelledTexts,
  valid: LabelledTexts,
  { classes, classWeights, labelSmoothing }: ClassObjective,
  hiddenSize: number,
  dtype: DType,
  size: number,
  sampling: Sampling,
): Task<HiddenModel> {
  const head = new ClassificationHead(hiddenSize, classes, dtype)
  const rows = (texts: LabelledTexts): Rows<HiddenModel> => ({
    count: texts.labels.length,
    unit: 'texts',
    pass: (indices) => {
      const shape = [indices.length, texts.length]
      const inputs = new Int32Array(indices.length * texts.length)
      const mask = new Uint8Array(inputs.length)
      const labels = Int32Array.from(indices, (index) => texts.labels[index]!)
      indices.forEach((index, row) => {
        inputs.set(
          texts.inputs.subarray(index * texts.length, (index + 1) * texts.length),
          row * texts.length,
        )
        mask.fill(1, row * texts.length, row * texts.length + texts.sizes[index]!)
      })
      return {
        weight: labels.reduce((sum, label) => sum + (classWeights?.[label] ?? 1), 0),
        tokens: inputs.length,
        loss: (model) => {
          const hidden_btd = model.hidden(torch.tensor(inputs, { shape }))
          const logits_bc = head.forward(hidden_btd, torch.tensor(mask, { shape }))
          return classLoss(logits_bc, torch.tensor(labels).long(), {
            classWeights: classWeights && torch.tensor(Float32Array.from(classWeights)),
            labelSmoothing,
          }).sum
        },
      }
    },
  })
  return {
    head,
    training: sampling(rows(train)),
    prepare: async () => {},
    heldOut: () => passesInOrder(rows(valid), size),
  }
}
