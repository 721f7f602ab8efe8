/**
 * One pass in which layers report their use of parameters: keeps their inputs until the gradients of their outputs arrive,
 * and emits each parameter's gradients by sample as soon as they are complete.
 */

import { noGrad, op, type Tensor } from '@hadal/tensor'
import type { TapeObserver, TapeRegion } from '../tape/tape-observer.ts'
import { changedInPlace } from './errors.ts'
import { type LayerUse, listening } from './layer-use.ts'
import type { SampleGradients } from './sample-gradients.ts'
import { gradientsOf, parametersOf } from './use-gradients.ts'

/** How often a tensor's memory was changed in place. Not among the public operators. */
const version = op('_version') as unknown as (tensor: Tensor) => number

/** Given what all uses of a parameter gave; frees them, or keeps them. */
export type OnWhole = (parameter: Tensor, uses: readonly SampleGradients[]) => void

export interface Rows {
  readonly samples: number
  readonly rowsPerSample: number
}

export class ObservedPass implements TapeObserver {
  readonly #rows: Rows
  readonly #onWhole: OnWhole
  /** Gradients of each trained parameter. */
  readonly #found: Map<Tensor, SampleGradients[]>
  readonly #seen = new Set<Tensor>()

  constructor(parameters: readonly Tensor[], rows: Rows, onWhole: OnWhole) {
    this.#rows = rows
    this.#onWhole = onWhole
    this.#found = new Map(parameters.map((parameter) => [parameter, []]))
  }

  /** Parameters that no layer reported. */
  get unobserved(): Tensor[] {
    return [...this.#found.keys()].filter((parameter) => !this.#seen.has(parameter))
  }

  region(): Region {
    return new Region(this)
  }

  whole(parameters: readonly Tensor[]): void {
    for (const parameter of parameters) {
      const uses = this.#found.get(parameter)
      if (!uses) continue
      this.#found.set(parameter, [])
      noGrad(() => this.#onWhole(parameter, uses))
    }
  }

  /** Whether a use is of a parameter that is trained. */
  wants(use: LayerUse): boolean {
    const wanted = parametersOf(use).filter((parameter) => this.#found.has(parameter))
    for (const parameter of wanted) this.#seen.add(parameter)
    return wanted.length > 0
  }

  give(use: LayerUse, dOutput: Tensor): void {
    const { samples, rowsPerSample } = this.#rows
    const wants = (parameter: Tensor): boolean => this.#found.has(parameter)
    const given = noGrad(() => gradientsOf(use, dOutput, samples, samples * rowsPerSample, wants))
    for (const [parameter, gradients] of given) this.#found.get(parameter)!.push(gradients)
  }

  /** Frees what was not emitted, e.g. after an error. */
  free(): void {
    for (const uses of this.#found.values()) for (const use of uses.splice(0)) use.free()
  }
}

interface Reported {
  readonly use: LayerUse
  readonly output: Tensor
  readonly inputVersion: number
  readonly outputVersion: number
}

class Region implements TapeRegion {
  readonly outputs: Tensor[] = []
  readonly #pass: ObservedPass
  readonly #reported: Reported[] = []

  constructor(pass: ObservedPass) {
    this.#pass = pass
  }

  run<Result>(body: () => Result): Result {
    return listening((output, use) => this.#notify(output, use), body)
  }

  #notify(output: Tensor, use: LayerUse): void {
    // Without a graph there is no backward pass: the record that forgets its graph runs again.
    if (!output.requiresGrad || !this.#pass.wants(use)) return
    // The model's own scopes end before the backward pass.
    this.outputs.push(output.unscope())
    const kept = 'input' in use ? { ...use, input: use.input.detach().unscope() } : use
    const inputVersion = 'input' in kept ? version(kept.input) : 0
    this.#reported.push({ use: kept, output, inputVersion, outputVersion: version(output) })
  }

  give(dOutputs: readonly (Tensor | undefined)[]): void {
    for (const [index, { use, output, inputVersion, outputVersion }] of this.#reported.entries()) {
      const dOutput = dOutputs[index]
      if (!dOutput) continue
      if ('input' in use && version(use.input) !== inputVersion) throw changedInPlace(use.layer, 'input')
      if (version(output) !== outputVersion) throw changedInPlace(use.layer, 'output')
      this.#pass.give(use, dOutput)
    }
    this.free()
  }

  giveOf(use: LayerUse, dOutput: Tensor): void {
    if (!this.#pass.wants(use)) return
    this.#pass.give('input' in use ? { ...use, input: use.input.detach() } : use, dOutput)
  }

  free(): void {
    for (const output of this.outputs.splice(0)) output.free()
    for (const { use } of this.#reported.splice(0)) if ('input' in use) use.input.free()
  }
}
