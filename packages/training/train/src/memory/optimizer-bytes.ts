/** Optimizer memory between steps, and the peak during an update. Creates no tensors. */

import {
  adamW8bitDefaults,
  muonDefaults,
  type OptimizerChoice,
  sgdDefaults,
  type WantedTensor,
} from '@hadal/nn'

/** Bytes of `Optimizer.state` for these tensors, without step counters. */
export function optimizerBytes(tensors: readonly WantedTensor[], choice: OptimizerChoice): number {
  const bytesOf = stateBytes(choice)
  return tensors.reduce((sum, tensor) => sum + bytesOf(tensor, product(tensor.shape)), 0)
}

/** Codebooks between numbers and 8-bit codes: values, and for each number prefix its code and the threshold above it. */
const codebookBytes = 256 * 4 + 2 ** 17 * 5

/** Optimizer memory besides its state. */
export const optimizerTableBytes = ({ kind }: OptimizerChoice): number =>
  kind === 'adamw-8bit' ? 2 * codebookBytes : 0

/** Peak bytes of one update, excluding state, weights and gradients. */
export function updateBytes(tensors: readonly WantedTensor[], choice: OptimizerChoice): number {
  const sizes = tensors.map(({ shape }) => product(shape))
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const largest = Math.max(0, ...sizes)
  switch (choice.kind) {
    case 'adamw-8bit': {
      const { leastValues } = { ...adamW8bitDefaults, ...choice }
      // Both moments in fp32, and the intermediates of quantising one of them: scaled values, indices, codes and thresholds.
      return largest < leastValues ? 0 : largest * (8 + 14)
    }
    case 'sgd': {
      const { nesterov, weightDecay } = { ...sgdDefaults, ...choice }
      return all * ((nesterov ? 4 : 0) + (weightDecay > 0 ? 4 : 0))
    }
    case 'lion':
      return all * 4
    case 'adafactor':
      return largest * 4
    case 'muon': {
      const { iterations, nesterov } = { ...muonDefaults, ...choice }
      return Math.max(
        0,
        ...muonMatrices(tensors, choice).map((tensor) => muonBytes(tensor, iterations, nesterov)),
      )
    }
    default:
      return 0
  }
}

/** Intermediates of the iteration are held until it ends. */
function muonBytes({ shape }: WantedTensor, iterations: number, nesterov: boolean): number {
  const [rows, columns] = shape as [number, number]
  const least = Math.min(rows, columns)
  return 4 * (rows * columns * (iterations + (nesterov ? 2 : 1)) + 2 * iterations * least ** 2)
}

function muonMatrices(
  tensors: readonly WantedTensor[],
  choice: Extract<OptimizerChoice, { kind: 'muon' }>,
): WantedTensor[] {
  const { exclude } = { ...muonDefaults, ...choice }
  return tensors.filter(
    ({ name, shape }) => shape.length === 2 && !exclude.some((part) => name.includes(part)),
  )
}

type StateBytes = (tensor: WantedTensor, values: number) => number

function stateBytes(choice: OptimizerChoice): StateBytes {
  switch (choice.kind) {
    case 'adamw-8bit': {
      const { leastValues } = { ...adamW8bitDefaults, ...choice }
      // Blocks of 256 codes and one scale, of both moments.
      return (_, values) => (values < leastValues ? values * 8 : Math.ceil(values / 256) * 2 * (256 + 4))
    }
    case 'sgd': {
      const { momentum } = { ...sgdDefaults, ...choice }
      return (_, values) => (momentum > 0 ? values * 4 : 0)
    }
    case 'lion':
      return (_, values) => values * 4
    case 'adafactor':
      return ({ shape }, values) =>
        4 * (shape.length < 2 ? values : values / shape.at(-2)! + values / shape.at(-1)!)
    case 'muon':
      return (tensor, values) => values * (muonMatrices([tensor], choice).length > 0 ? 4 : 8)
    default:
      return (_, values) => values * 8
  }
}

export const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)
