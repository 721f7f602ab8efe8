/**
 * Symbolic operators that track memory without computing: each allocates what libtorch's allocates, and keeps for the backward pass
 * what autograd keeps (derivatives.yaml of PyTorch 2.6).
 *
 * As with tensors, values live to the end of their scope. As in autograd, the backward pass runs operators in reverse order, holds
 * an operator's output gradients until its input gradients exist, and then frees what the operator kept.
 */

import { Ledger, type Storage } from './ledger.ts'

/** A tensor of N numbers of `width` bytes. */
export interface Value {
  readonly storage: Storage
  readonly numbers: number
  readonly width: number
  /** Its producer, if gradients are needed. */
  readonly node: Node | undefined
}

export interface Node {
  readonly inputs: readonly { readonly value: Value; readonly gradient: Gradient }[]
  readonly saved: Storage[]
  readonly order: number
  readonly workingBack: number
  readonly outputs: Value[]
}

/** How the gradient of an input is made: in new memory, or as a view of the output's. */
export type Gradient = 'new' | 'same'

export interface OperatorTrace {
  readonly inputs: readonly (readonly [Value, Gradient])[]
  /** Kept for the backward pass, if there is one. */
  readonly saved?: readonly (Value | Storage)[]
  /** Temporary bytes of the forward computation. */
  readonly working?: number
  /** Temporary bytes of the backward computation. */
  readonly workingBack?: number
}

const nowhere: Storage = { bytes: 0, holders: Number.POSITIVE_INFINITY }

export class Trace {
  readonly ledger: Ledger = new Ledger()
  #scopes: Storage[][] = [[]]
  #order = 0
  #recording = true
  readonly #named = new Map<string, Value[]>()
  #name: { readonly known: Value[]; at: number } | undefined

  /** A weight: its own memory is counted elsewhere, that of its gradient is not. */
  parameter(numbers: number, width: number, trained = true): Value {
    const name = this.#name
    const known = name?.known[name.at++]
    if (known) return known
    const made = this.#parameter(numbers, width, trained)
    name?.known.push(made)
    return made
  }

  /** On repeated names, the parameters that `body` requests are those of the first run, in order. */
  named<Result>(name: string, body: () => Result): Result {
    const before = this.#name
    const known = this.#named.get(name) ?? []
    this.#named.set(name, known)
    this.#name = { known, at: 0 }
    try {
      return body()
    } finally {
      this.#name = before
    }
  }

  #parameter(numbers: number, width: number, trained: boolean): Value {
    return { storage: nowhere, numbers, width, node: trained ? this.#leaf() : undefined }
  }

  /** A tensor without a graph before it. */
  input(numbers: number, width: number, wantsGradient: boolean): Value {
    const storage = this.#made(numbers * width)
    return { storage, numbers, width, node: wantsGradient ? this.#leaf() : undefined }
  }

  /** The same memory without its graph. */
  leafOf(value: Value): Value {
    return { ...value, node: value.node && this.#leaf() }
  }

  /** The same memory as something that gradients are wanted of. */
  leaf(value: Value): Value {
    return { ...value, node: this.#leaf() }
  }

  /** An operator with one output of `numbers`, in new memory. */
  make(numbers: number, width: number, operator: OperatorTrace): Value {
    this.ledger.briefly(numbers * width + (operator.working ?? 0))
    return this.#output(this.#made(numbers * width), numbers, width, this.#record(operator))
  }

  /** An operator whose outputs are views of its input. */
  views(input: Value, sizes: readonly number[], gradient: Gradient = 'new'): Value[] {
    const node = this.#record({ inputs: [[input, gradient]] })
    return sizes.map((numbers) => this.#output(input.storage, numbers, input.width, node))
  }

  /** a + b in the memory of a. */
  addInto(a: Value, b: Value): Value {
    const node = this.#record({
      inputs: [
        [a, 'same'],
        [b, 'same'],
      ],
    })
    return this.#output(a.storage, a.numbers, a.width, node)
  }

  /** Frees everything created inside except the returned values. */
  scope<Result extends Value | readonly Value[]>(body: () => Result): Result {
    this.#scopes.push([])
    const result = body()
    const made = this.#scopes.pop()!
    const returned: readonly Value[] = isList(result) ? result : [result]
    for (const { storage } of returned) if (made.includes(storage)) this.#own(this.ledger.hold(storage))
    for (const storage of made) this.ledger.drop(storage)
    return result
  }

  /** For operators whose backward pass reads their output. */
  keepOutput({ node, storage }: Value): void {
    node?.saved.push(this.ledger.hold(storage))
  }

  noGrad<Result>(body: () => Result): Result {
    const before = this.#recording
    this.#recording = false
    try {
      return body()
    } finally {
      this.#recording = before
    }
  }

  /** The backward pass from `outputs` with given gradients: returns gradients of leaves, owned by the caller. */
  back(outputs: readonly (readonly [Value, Storage])[]): Map<Node, Storage> {
    const gradients = new Map<Value, Storage>()
    const leaves = new Map<Node, Storage>()
    const waiting = new Set<Node>()
    const give = (value: Value, gradient: Storage): void => {
      const { node } = value
      if (!node) {
        this.ledger.drop(gradient)
        return
      }
      const leaf = node.inputs.length === 0
      const before = leaf ? leaves.get(node) : gradients.get(value)
      const sum = before ? this.#sum(before, gradient) : gradient
      if (leaf) leaves.set(node, sum)
      else {
        gradients.set(value, sum)
        waiting.add(node)
      }
    }
    for (const [value, gradient] of outputs) give(value, this.ledger.hold(gradient))
    while (waiting.size > 0) {
      const node = [...waiting].reduce((latest, each) => (each.order > latest.order ? each : latest))
      waiting.delete(node)
      const given = node.outputs.flatMap((output) => gradients.get(output) ?? [])
      const made = node.inputs.map(({ value, gradient }) => {
        if (!value.node) return undefined
        return gradient === 'same'
          ? this.ledger.hold(given[0]!)
          : this.ledger.take(value.numbers * value.width)
      })
      this.ledger.briefly(node.workingBack)
      for (const storage of given) this.ledger.drop(storage)
      for (const output of node.outputs) gradients.delete(output)
      for (const storage of node.saved) this.ledger.drop(storage)
      for (const [index, storage] of made.entries()) if (storage) give(node.inputs[index]!.value, storage)
    }
    return leaves
  }

  /** In place if the first has no other reference. */
  #sum(first: Storage, second: Storage): Storage {
    if (first.holders === 1) {
      this.ledger.drop(second)
      return first
    }
    const sum = this.ledger.take(first.bytes)
    this.ledger.drop(first)
    this.ledger.drop(second)
    return sum
  }

  #record({ inputs, saved = [], workingBack = 0 }: OperatorTrace): Node | undefined {
    if (!this.#recording || !inputs.some(([{ node }]) => node)) return undefined
    return {
      inputs: inputs.map(([value, gradient]) => ({ value, gradient })),
      saved: saved.map((each) => this.ledger.hold('storage' in each ? each.storage : each)),
      order: this.#order++,
      workingBack,
      outputs: [],
    }
  }

  #output(storage: Storage, numbers: number, width: number, node: Node | undefined): Value {
    const value: Value = { storage, numbers, width, node }
    node?.outputs.push(value)
    return value
  }

  #leaf(): Node {
    return { inputs: [], saved: [], order: -1, workingBack: 0, outputs: [] }
  }

  #made(bytes: number): Storage {
    const storage = this.ledger.take(bytes)
    this.#own(storage)
    return storage
  }

  #own(storage: Storage): void {
    this.#scopes.at(-1)!.push(storage)
  }
}

const isList = (value: Value | readonly Value[]): value is readonly Value[] => Array.isArray(value)
