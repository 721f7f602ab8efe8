/**
 * The sum of clipped gradients of single samples, which differentially private training adds noise to, without these gradients in
 * memory.
 */

import { getRngState, noGrad, scope, setRngState, type Tensor, torch } from '@hadal/tensor'
import { Tape } from '../tape/tape.ts'
import { type Clipped, clip } from './clipping.ts'
import { parametersUnobserved } from './errors.ts'
import { exactGradients } from './exact-gradients.ts'
import { freeAll, LayerNorms, LayerSums, weightedSum } from './layer-sums.ts'
import { ObservedPass, type OnWhole } from './observed-pass.ts'
import type { ClippedGradients, PrivateBackward } from './private-backward.ts'
import type { SampleGradients } from './sample-gradients.ts'

/**
 * One sample changes the sum by no more than `clipping.norm`, whatever it is. Tensors belong to the caller's scope. Throws
 * `nn_parameters_unobserved`, `nn_samples_unclear` and `nn_changed_in_place` where a model's gradients by sample are not known; never
 * in the mode `exact`.
 *
 * @internal
 */
export function clippedGradients(of: PrivateBackward): ClippedGradients {
  return scope(() => {
    if (of.samples === 0) return ofNothing(of)
    if (of.mode === 'exact') return exactGradients(of)
    return of.mode === 'ghost' ? ghost(of) : bookKeeping(of)
  })
}

/**
 * Which layer each parameter belongs to, by their names: those of one module, and of one adapter, together.
 *
 * @internal
 */
export function layersOf(names: readonly string[]): number[] {
  const layers = new Map<string, number>()
  return names.map((name) => {
    const layer = name.replace(/\.(lora_[AB]\.weight|[^.]+)$/, '')
    if (!layers.has(layer)) layers.set(layer, layers.size)
    return layers.get(layer)!
  })
}

function bookKeeping(of: PrivateBackward): ClippedGradients {
  const norms = new LayerNorms(of)
  const kept = new Map<Tensor, readonly SampleGradients[]>()
  try {
    const loss = observe(of, (parameter, uses) => {
      kept.set(parameter, uses)
      norms.add(parameter, uses)
    })
    return noGrad(() => {
      const clipped = clip(norms.squares, of.clipping)
      const reported = read(loss, clipped)
      const gradients = of.parameters.map((parameter) =>
        weightedSum(
          parameter,
          kept.get(parameter)!,
          clipped.factors[norms.layerOf(parameter)]!,
          droppedOf(reported, clipped),
        ),
      )
      return { gradients, norms: clipped.norms, ...reported }
    })
  } finally {
    for (const uses of kept.values()) freeAll(uses)
    norms.free()
  }
}

function ghost(of: PrivateBackward): ClippedGradients {
  const random = getRngState()
  const norms = new LayerNorms(of)
  // Layers that are clipped by themselves need not wait for the norms of others (He et al. 2022, arXiv:2212.01539).
  const sums = of.clipping.kind === 'per-layer' ? new LayerSums(of, norms) : undefined
  try {
    const loss = observe(of, (parameter, uses) => {
      norms.add(parameter, uses)
      if (sums) sums.add(parameter, uses)
      else freeAll(uses)
    })
    const clipped = noGrad(() => clip(norms.squares, of.clipping))
    const { notFinite, ...reported } = read(loss, clipped)
    const result = { norms: clipped.norms, notFinite, ...reported }
    // A sample that turned out not to be finite is in the sums already.
    if (sums && notFinite === 0) return { gradients: sums.take(), ...result }
    setRngState(random)
    const gradients = new Map<Tensor, Tensor>()
    observe(of, (parameter, uses) => {
      const sum = weightedSum(
        parameter,
        uses,
        clipped.factors[norms.layerOf(parameter)]!,
        droppedOf(result, clipped),
      )
      gradients.set(parameter, sum.unscope())
      freeAll(uses)
    })
    return { gradients: of.parameters.map((parameter) => gradients.get(parameter)!.rescope()), ...result }
  } finally {
    norms.free()
    sums?.free()
  }
}

/** One pass; gives its loss. */
export function observe(of: PrivateBackward, onWhole: OnWhole): Tensor {
  const { parameters, samples, rowsPerSample = 1 } = of
  const pass = new ObservedPass(parameters, { samples, rowsPerSample }, onWhole)
  const tape = of.newTape?.() ?? new Tape(1)
  try {
    const loss = tape.observe(pass, parameters, () => of.loss(tape))
    const { unobserved } = pass
    if (unobserved.length > 0) throw parametersUnobserved(unobserved.map((each) => nameOf(each, of)))
    return loss
  } finally {
    pass.free()
  }
}

export const nameOf = (parameter: Tensor, { parameters, names }: PrivateBackward): string => {
  const index = parameters.indexOf(parameter)
  return names?.[index] ?? `parameter ${index} [${parameter.shape.join(', ')}]`
}

/** Mask of samples to zero first: a factor of 0 times a non-finite value is not 0. */
const droppedOf = ({ notFinite }: { readonly notFinite: number }, { bad }: Clipped): Tensor | undefined =>
  notFinite > 0 ? bad : undefined

/** All that the host has to know of a step, in one read. */
function read(
  loss: Tensor,
  { bad, shortened }: Clipped,
): Pick<ClippedGradients, 'loss' | 'clipped' | 'notFinite'> {
  const [value, clipped, notFinite] = scope(() =>
    torch.stack([loss.double(), shortened.sum().double(), bad.sum().double()]).toTypedArray(),
  ) as Float64Array
  return { loss: value!, clipped: clipped!, notFinite: notFinite! }
}

const ofNothing = ({ parameters }: PrivateBackward): ClippedGradients => ({
  gradients: parameters.map(({ shape, device }) => torch.zeros([...shape], { device })),
  loss: 0,
  norms: torch.zeros([0]),
  clipped: 0,
  notFinite: 0,
})
