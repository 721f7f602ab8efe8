/**
 * A small network that learns a function of 32 numbers, with a small weight on its loss, as one term among others; its gradients are
 * correspondingly small. One training run with a precision and a loss scale.
 */

import {
  AdamW,
  type AdamWOptions,
  adamWDefaults,
  computeDtype,
  Linear,
  LossScaler,
  lossScaleDefaults,
  MasterWeights,
  Module,
  type Precision,
} from '@hadal/nn'
import { type DType, manualSeed, noGrad, scope, type Tensor, torch } from '@hadal/tensor'

/** `off`: no scale. A number: this one, which stays. `dynamic`: the trainer's own, from 65,536 on. */
export type Scaling = 'off' | 'dynamic' | number

export interface FaintTask {
  readonly seed: number
  readonly precision: Precision
  readonly scaling: Scaling
  /** What the squared error is multiplied by. */
  readonly weight: number
  readonly steps: number
}

export interface FaintCourse {
  /** Mean squared error before each step; the targets have variance 1. */
  readonly losses: readonly number[]
  /** Error on a thousand other points, after the last step. */
  readonly heldOut: number
  /** Share of all values of gradients, over all steps, that were zero. */
  readonly zeroShare: number
  /** Steps that were skipped for an overflow. */
  readonly skipped: number
}

const [inputs, width, batch, heldOutRows] = [32, 32, 64, 1000]
/** `eps` must not dominate faint gradients: Adam divides by the gradient's magnitude plus `eps`. */
const optimizerOptions: AdamWOptions = { ...adamWDefaults, weightDecay: 0, eps: 1e-20 }
const learningRate = 3e-3

class Network extends Module {
  readonly first: Linear
  readonly second: Linear
  readonly third: Linear
  readonly last: Linear

  constructor(dtype: DType) {
    super()
    this.first = new Linear(inputs, width, dtype)
    this.second = new Linear(width, width, dtype)
    this.third = new Linear(width, width, dtype)
    this.last = new Linear(width, 1, dtype)
  }

  forward(x_bd: Tensor): Tensor {
    const hidden = [this.first, this.second, this.third].reduce((h, layer) => layer.forward(h).tanh(), x_bd)
    return this.last.forward(hidden)
  }
}

export function learnFaintly({ seed, precision, scaling, weight, steps }: FaintTask): FaintCourse {
  return scope(() => {
    const dtype = computeDtype[precision]
    manualSeed(seed)
    const points = noGrad(() => drawPoints(steps * batch + heldOutRows))
    const network = new Network(dtype)
    const weights = new MasterWeights(network)
    noGrad(() => {
      for (const master of weights.masters.values()) master.normal_(0, 1.5 * master.shape.at(-1)! ** -0.5)
    })
    weights.publish()
    const optimizer = new AdamW(weights.masters, optimizerOptions)
    const scaler = scalerOf(scaling)
    const losses: number[] = []
    let [zeros, values, skipped] = [0, 0, 0]
    for (let step = 0; step < steps; step += 1)
      scope(() => {
        const rows = [step * batch, (step + 1) * batch] as const
        const error = errorOf(network, points, rows, dtype)
        losses.push(error.item() as number)
        const gradients = weights.gradients(error.mul(weight * (scaler?.scale ?? 1)))
        for (const gradient of gradients) {
          zeros += gradient.eq(0).sum().item() as number
          values += gradient.numel
        }
        const sound = scaler?.unscale(gradients) ?? true
        if (sound) optimizer.update(gradients, learningRate)
        else skipped += 1
        if (scaling === 'dynamic') scaler?.update()
        weights.publish()
      })
    const heldOut = noGrad(() =>
      errorOf(network, points, [steps * batch, steps * batch + heldOutRows], dtype),
    )
    return { losses, heldOut: heldOut.item() as number, zeroShare: zeros / values, skipped }
  })
}

const scalerOf = (scaling: Scaling): LossScaler | undefined => {
  if (scaling === 'off') return undefined
  return new LossScaler({ ...lossScaleDefaults, ...(scaling !== 'dynamic' && { initial: scaling }) })
}

interface Points {
  readonly x: Tensor
  readonly y: Tensor
}

/** Targets are what a drawn network of one hidden layer gives, brought to mean 0 and variance 1. */
function drawPoints(count: number): Points {
  const x = torch.randn([count, inputs])
  const hidden = x.matmul(torch.randn([inputs, width]).mul(inputs ** -0.5)).tanh()
  const y = hidden.matmul(torch.randn([width, 1]))
  return { x, y: y.sub(y.mean()).div(y.std()) }
}

/** In fp32, whatever the network computes in: so the loss itself never underflows. */
function errorOf(
  network: Network,
  { x, y }: Points,
  [from, to]: readonly [number, number],
  dtype: DType,
): Tensor {
  const rows = (tensor: Tensor): Tensor => tensor.narrow(0, from, to - from)
  return network.forward(rows(x).to(dtype)).float().sub(rows(y)).square().mean()
}
