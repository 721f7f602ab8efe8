/**
 * Operators that take memory and compute nothing: each allocates what libtorch's allocates, and holds for its way back what
 * autograd keeps (derivatives.yaml of PyTorch 2.6). Knows nothing about models.
 *
 * As with tensors, what is made in a scope is held to its end. As in autograd, the way back runs operators in the reverse order of
 * the way forward, holds an operator's gradients of outputs until its gradients of inputs are made, and then lets go of what the
 * operator kept.
 */

import { Ledger, type Storage } from './ledger.ts'

/** A tensor of so many numbers of `width` bytes. */
export interface Value {
  readonly storage: Storage
  readonly numbers: number
  readonly width: number
  /** What made it, where gradients are wanted. */
  readonly node: Node | undefined
}

export interface Node {
  readonly inputs: readonly { readonly value: Value; readonly gradient: Gradient }[]
  readonly saved: Storage[]
  readonly order: number
  readonly workingBack: number
  readonly outputs: Value[]
}

/** How the gradient of an input is made: in memory of its own, or as a view of the output's. */
export type Gradient = 'new' | 'same'

export interface OperatorTrace {
  readonly inputs: readonly (readonly [Value, Gradient])[]
  /** Kept for the way back, where there is one. */
  readonly saved?: readonly (Value | Storage)[]
  /** Bytes beside inputs and outputs while it runs. */
  readonly working?: number
  /** And beside gradients, on its way back. */
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

  /** Parameters that `body` asks for are those it was given, in their order, when something of this name ran before. */
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

  /** The same memory without what was before it. */
  leafOf(value: Value): Value {
    return { ...value, node: value.node && this.#leaf() }
  }

  /** The same memory as something that gradients are wanted of. */
  leaf(value: Value): Value {
    return { ...value, node: this.#leaf() }
  }

  /** An operator with one output of `numbers`, in memory of its own. */
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

  /** What is made inside is given back, but for what is returned. */
  scope<Result extends Value | readonly Value[]>(body: () => Result): Result {
    this.#scopes.push([])
    const result = body()
    const made = this.#scopes.pop()!
    const returned: readonly Value[] = isList(result) ? result : [result]
    for (const { storage } of returned) if (made.includes(storage)) this.#own(this.ledger.hold(storage))
    for (const storage of made) this.ledger.drop(storage)
    return result
  }

  /** For operators whose way back reads what they gave. */
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

  /** The way back from `outputs`, whose gradients are given: the gradients of leaves, held by whoever asks. */
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

  /** In place where nobody else sees the first. */
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
