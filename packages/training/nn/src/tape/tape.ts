/**
 * A forward pass split into records, and its backward pass record by record. Only ordinary operators run between two records. So a
 * record may discard and recompute its results, compute its gradients in the forward pass, or report ready gradients while those of
 * earlier records are pending; and no JavaScript ever runs inside autograd.
 */

import { grad, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { TapeObserver, TapeRegion } from './tape-observer.ts'

/** One piece of the way. It holds tensors outside every scope until `free`. */
export interface TapeRecord {
  /** Tensors it read, from `Tape.enter`. */
  readonly inputs: readonly Tensor[]
  /** Leaves from which the pass continues; those that end a layer are gone after the backward pass. */
  readonly outputs: readonly Tensor[]
  /** Those that nothing but records reads: their gradients are whole when `back` of the first of these has been. */
  readonly parameters: readonly Tensor[]
  /** Gradients of the outputs, undefined where nothing read one, to those of inputs and parameters. Called once, in a scope. */
  back(dOutputs: readonly (Tensor | undefined)[]): RecordGradients
  free(): void
}

export interface RecordGradients {
  readonly dInputs: readonly (Tensor | undefined)[]
  /** Also of parameters that others read too. */
  readonly dParameters: Iterable<readonly [Tensor, Tensor | undefined]>
}

/** Given the gradients of parameters as soon as nothing more is added to them; they belong to the scope it is called in. */
export type OnGradients = (parameters: readonly Tensor[], gradients: readonly Tensor[]) => void

/** Runs `body`, which reads or differentiates `parameters`, inside the setup that it needs. */
export type Hold = <Result>(parameters: readonly Tensor[], body: () => Result) => Result

/** @internal */
export class Tape {
  /** Derivative of the minimised value with respect to the loss: 1 / weight of the batch, times the loss scale. */
  readonly upstream: number
  readonly hold: Hold
  readonly #records: TapeRecord[] = []
  readonly #beside: Tensor[] = []
  readonly #leaves = new Set<Tensor>()
  readonly #entered = new Map<Tensor, Tensor>()
  #observer: TapeObserver | undefined

  constructor(upstream: number, hold: Hold = (_, body) => body()) {
    this.upstream = upstream
    this.hold = hold
  }

  add(record: TapeRecord): void {
    this.#records.push(record)
    for (const output of record.outputs) this.#leaves.add(output)
  }

  /** Takes tensors over that records read again in the backward pass. */
  keep(tensors: readonly Tensor[]): void {
    for (const tensor of tensors) this.#beside.push(tensor.unscope())
  }

  /**
   * The leaf that a record reads in place of `tensor`, with the same memory: the tensor itself where an earlier record ended. What
   * ordinary operators made of the tensor otherwise must not have its graph in common, for that is backpropagated once.
   */
  enter(tensor: Tensor): Tensor {
    if (this.#leaves.has(tensor)) return tensor
    const known = this.#entered.get(tensor)
    if (known) return known
    const leaf = leafOf(tensor)
    this.#entered.set(tensor, leaf)
    const held = torch.alias(tensor).unscope()
    this.add({
      inputs: [held],
      outputs: [leaf],
      parameters: [],
      back: ([gradient]) => ({ dInputs: [gradient], dParameters: [] }),
      free: () => {
        held.free()
        leaf.free()
      },
    })
    return leaf
  }

  /**
   * Gradients of upstream · `loss` with respect to `parameters`, in their order; of zeros where the loss does not depend on one.
   * They belong to the caller's scope; with `onGradients` they go there instead, and nothing comes back. Uses the tape up.
   */
  gradients(loss: Tensor, parameters: readonly Tensor[], onGradients?: OnGradients): Tensor[] {
    const shared = this.#outsideRecords(parameters)
    const sums = new Sums()
    try {
      this.#goBack(loss, shared, sums, (whole) => onGradients?.(whole, sums.takeWhole(whole)))
      if (!onGradients) return sums.takeWhole(parameters)
      if (shared.length > 0) scope(() => onGradients(shared, sums.takeWhole(shared)))
      return []
    } finally {
      this.free()
      sums.free()
    }
  }

  /**
   * Runs `forward`, which returns its loss on this tape, and the backward pass without parameter gradients: `observer` receives
   * those of layer outputs, and is notified of `parameters`. Returns the loss without a graph, for the caller's scope. Consumes the
   * tape.
   */
  observe(observer: TapeObserver, parameters: readonly Tensor[], forward: () => Tensor): Tensor {
    this.#observer = observer
    const region = observer.region()
    const sums = new Sums()
    try {
      const loss = region.run(forward)
      const value = loss.detach()
      const shared = this.#outsideRecords(parameters)
      this.#goBack(loss, region.outputs, sums, (whole) => observer.whole(whole))
      scope(() => {
        region.give(region.outputs.map((output) => sums.take(output)))
        observer.whole(shared)
      })
      return value
    } finally {
      region.free()
      this.free()
      sums.free()
    }
  }

  /** For a record's own graph; undefined in a pass without an observer. */
  region(): TapeRegion | undefined {
    return this.#observer?.region()
  }

  /** Frees what is left, e.g. after an error. */
  free(): void {
    for (const record of this.#records.splice(0)) record.free()
    for (const tensor of this.#beside.splice(0)) tensor.free()
    this.#leaves.clear()
    this.#entered.clear()
  }

  #outsideRecords(parameters: readonly Tensor[]): Tensor[] {
    const readers = this.#readers()
    return parameters.filter((parameter) => !readers.has(parameter))
  }

  /** `between`: what ordinary operators between records are gone back to, alongside records. `onWhole` is called in a scope. */
  #goBack(
    loss: Tensor,
    between: readonly Tensor[],
    sums: Sums,
    onWhole: (parameters: readonly Tensor[]) => void,
  ): void {
    const readers = this.#readers()
    const root = torch.full([], this.upstream, { dtype: loss.dtype, device: loss.device })
    this.#spread(loss, root, between, sums)
    while (this.#records.length > 0) {
      const record = this.#records.pop()!
      scope(() => this.#back(record, between, sums))
      record.free()
      const whole = record.parameters.filter((parameter) => isLast(readers, parameter))
      if (whole.length > 0) scope(() => onWhole(whole))
    }
  }

  /** How many records read a parameter: as many as a pass runs its model. */
  #readers(): Map<Tensor, number> {
    const readers = new Map<Tensor, number>()
    for (const parameter of this.#records.flatMap((record) => record.parameters))
      readers.set(parameter, (readers.get(parameter) ?? 0) + 1)
    return readers
  }

  #back(record: TapeRecord, between: readonly Tensor[], sums: Sums): void {
    const dOutputs = record.outputs.map((output) => sums.take(output))
    if (dOutputs.every((gradient) => gradient === undefined)) return
    const { dInputs, dParameters } = this.hold(record.parameters, () => record.back(dOutputs))
    for (const [parameter, gradient] of dParameters) if (gradient) sums.add(parameter, gradient)
    for (const [index, input] of record.inputs.entries()) {
      const gradient = dInputs[index]
      if (gradient) this.#spread(input, gradient, between, sums)
    }
  }

  /** Through what ordinary operators did between records. */
  #spread(tensor: Tensor, gradient: Tensor, between: readonly Tensor[], sums: Sums): void {
    if (this.#leaves.has(tensor)) {
      sums.add(tensor, gradient)
      return
    }
    const leaves = this.#records.flatMap((record) => record.outputs)
    const targets = [...leaves, ...between].filter((target) => target.requiresGrad)
    if (targets.length === 0 || !tensor.requiresGrad) return
    scope(() => {
      const gradients = grad([tensor], targets, { gradOutputs: [gradient], allowUnused: true })
      for (const [index, part] of gradients.entries()) if (part) sums.add(targets[index]!, part)
    })
  }
}

/** Takes one reader off; whether none is left. */
function isLast(readers: Map<Tensor, number>, parameter: Tensor): boolean {
  const left = readers.get(parameter)! - 1
  readers.set(parameter, left)
  return left === 0
}

/** The same memory without a graph before it, outside every scope. */
export const leafOf = (tensor: Tensor): Tensor =>
  noGrad(() => tensor.detach())
    .unscope()
    .requiresGrad_(tensor.requiresGrad)

/** Gradients added up, outside every scope. */
class Sums {
  readonly #sums = new Map<Tensor, Tensor>()

  add(of: Tensor, part: Tensor): void {
    const sum = this.#sums.get(of)
    // Not in place: two gradients may share their memory.
    this.#sums.set(of, (sum ? sum.add(part) : torch.alias(part)).unscope())
    sum?.free()
  }

  /** Accumulated sums, or zeros; this object keeps them. */
  whole(of: readonly Tensor[]): Tensor[] {
    return of.map((tensor) => {
      if (!this.#sums.has(tensor)) this.#sums.set(tensor, torch.zerosLike(tensor).unscope())
      return this.#sums.get(tensor)!
    })
  }

  /** The same, for the caller's scope. */
  takeWhole(of: readonly Tensor[]): Tensor[] {
    const gradients = this.whole(of).map((gradient) => gradient.rescope())
    for (const tensor of of) this.#sums.delete(tensor)
    return gradients
  }

  /** For the caller's scope. */
  take(of: Tensor): Tensor | undefined {
    const sum = this.#sums.get(of)
    this.#sums.delete(of)
    return sum?.rescope()
  }

  free(): void {
    for (const sum of this.#sums.values()) sum.free()
    this.#sums.clear()
  }
}
