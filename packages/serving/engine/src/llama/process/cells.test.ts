import { ManualClock } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../../kernel/base/test/slow-tests.ts'
import { type Aside, Cells } from './cells.ts'
import type { LoadedModel } from './open-generator.ts'
import type { Wanted } from './slots.ts'

/**
 * A fake of llama.cpp's memory that holds tokens in place of keys and values. Separate cells are copied at the next
 * computation, including what was dropped since.
 */
class FakeMemory {
  readonly #shared: boolean
  readonly #divisible: boolean
  readonly #cells: number
  /** The contents of each sequence; with shared cells, identical objects are one cell. */
  readonly #held: { token: number }[][]
  readonly #copies: (readonly [from: number, to: number])[] = []
  /** For separate cells: what was last written to them. */
  readonly #written: number[][]

  /** If not `divisible`: a single state after the last token. */
  constructor(shared: boolean, cells: number, sequences: number, divisible = true) {
    this.#shared = shared
    this.#divisible = divisible
    this.#cells = cells
    this.#held = Array.from({ length: sequences }, () => [])
    this.#written = Array.from({ length: sequences }, () => [])
  }

  get used(): number {
    return new Set(this.#held.flat()).size
  }

  tokens(slot: number): number[] {
    return this.#held[slot]!.map(({ token }) => token)
  }

  compute(slot: number, tokens: readonly number[]): void {
    for (const [from, to] of this.#copies.splice(0)) {
      this.#written[to] = [...this.#written[from]!]
      for (const [at, cell] of this.#held[to]!.entries()) cell.token = this.#written[to]![at]!
    }
    for (const token of tokens) {
      this.#written[slot]![this.#held[slot]!.length] = token
      this.#held[slot]!.push({ token })
    }
    if (this.#shared && this.used > this.#cells) throw new Error('llama_decode returned 1')
  }

  readonly llama = {
    getMemory: () => ({}),
    memorySeqPosMin: (_: unknown, slot: number) =>
      this.#divisible ? Math.min(0, this.#held[slot]!.length - 1) : this.#held[slot]!.length - 1,
    memorySeqRm: (_: unknown, slot: number, from: number) => {
      if (!this.#divisible && from > 0 && from < this.#held[slot]!.length) return false
      this.#held[slot] = this.#held[slot]!.slice(0, Math.max(0, from))
      return true
    },
    memorySeqCp: (_: unknown, from: number, to: number) => {
      if (!this.#shared) this.#copies.push([from, to])
      // Only their number is known immediately.
      const before = (_: unknown, at: number) => ({ token: this.#written[to]![at] ?? -1 })
      this.#held[to] = this.#shared ? [...this.#held[from]!] : this.#held[from]!.map(before)
    },
    stateSeqGetSize: (_: unknown, slot: number) => 8 + 4 * this.#held[slot]!.length,
    stateSeqGetData: (_: unknown, bytes: Buffer, size: number, slot: number) => {
      Buffer.from(Int32Array.from([0, 0, ...this.tokens(slot)]).buffer).copy(bytes)
      return size
    },
    stateSeqSetData: (_: unknown, bytes: Buffer, size: number, slot: number) => {
      const count = size / 4 - 2
      const tokens = Array.from({ length: count }, (_, at) => bytes.readInt32LE(8 + 4 * at))
      this.#held[slot] = tokens.map((token) => ({ token }))
      for (const [at, token] of tokens.entries()) this.#written[slot]![at] = token
      return this.#shared && this.used > this.#cells ? 0 : size
    },
  }
}

interface Working {
  readonly wanted: Wanted
  tokens: number[]
  readonly more: number
  slot: number
}

const [working, contextLength, commonCells] = [3, 512, 560]

/** Uses cells like `Admission` and the engine loop, without models and priorities. */
class Service {
  readonly memory: FakeMemory
  readonly cells: Cells
  readonly atWork: Working[] = []
  readonly aside: { readonly sequence: Working; readonly aside: Aside }[] = []
  readonly clock = new ManualClock()

  constructor(shared: boolean, invariant: boolean, hostCacheBytes: number, preemption: boolean) {
    const count = shared ? commonCells : contextLength * working
    const sequences = working + (shared ? 4 : 0)
    this.memory = new FakeMemory(shared, count, sequences)
    const model = {
      native: { llama: this.memory.llama },
      context: {},
      plan: { shared, invariant, cells: count, contextLength },
      sequences,
      copyCost: shared ? 16 : 30,
      divisible: true,
    }
    const { clock } = this
    this.cells = new Cells(model as unknown as LoadedModel, { working, hostCacheBytes, preemption, clock })
  }

  arrive(wanted: Wanted, more: number): void {
    if (this.atWork.length === working) return
    const place = this.cells.place(wanted)
    if (place === undefined || !this.cells.suffice(wanted.prompt.length, more, place)) {
      this.expectWork()
      return
    }
    const cached = this.cells.take(wanted, place, more)
    expect(cached).toBe(place.cached)
    expect(this.cells.length(place.slot)).toBe(cached)
    this.atWork.push({ wanted, more, slot: place.slot, tokens: [...wanted.prompt] })
  }

  /** A sequence that waits must have others running, or it would wait for ever. */
  expectWork(): void {
    expect(this.atWork.length).toBeGreaterThan(0)
  }

  step(chunk: number, token: number): void {
    const total = (): number => this.atWork.reduce((sum, { tokens, slot }) => sum + due(tokens, slot), 0)
    const due = (tokens: readonly number[], slot: number): number =>
      Math.min(chunk, tokens.length - this.cells.length(slot))
    while (!this.cells.canGrow(total())) {
      expect(this.atWork.length).toBeGreaterThan(1)
      this.preempt(this.atWork.length - 1)
    }
    for (const sequence of this.atWork) this.#compute(sequence, due(sequence.tokens, sequence.slot), token)
    for (const { tokens, more, wanted } of [...this.atWork])
      if (tokens.length >= wanted.prompt.length + more)
        this.leave(this.atWork.findIndex((each) => each.tokens === tokens))
  }

  #compute({ wanted, tokens, slot }: Working, count: number, token: number): void {
    const from = this.cells.length(slot)
    const computed = tokens.slice(from, from + count)
    const guesses = Math.min(2, this.cells.free - count)
    const isLast = from + count === tokens.length
    this.cells.append(slot, computed, from < wanted.prompt.length)
    this.memory.compute(slot, [...computed, ...(isLast ? Array<number>(Math.max(0, guesses)).fill(-7) : [])])
    this.cells.computed()
    this.cells.trim(slot)
    expect(this.memory.tokens(slot)).toEqual(tokens.slice(0, from + count))
    if (isLast) tokens.push(token)
  }

  leave(at: number): void {
    const [sequence] = this.atWork.splice(at, 1)
    if (sequence !== undefined) this.cells.leave(sequence.slot)
  }

  preempt(at: number): void {
    const sequence = this.atWork[at]
    if (sequence === undefined || !this.cells.canPreempt(sequence.slot)) return
    this.atWork.splice(at, 1)
    this.aside.push({ sequence, aside: this.cells.preempt(sequence.slot) })
  }

  resume(): void {
    const [first] = this.aside
    if (first === undefined || this.atWork.length === working) return
    const { sequence, aside } = first
    const { state, length } = aside
    const left = sequence.wanted.prompt.length + sequence.more - sequence.tokens.length
    const wanted = { ...sequence.wanted, prompt: sequence.tokens, reuse: state === undefined }
    const place = this.cells.place(wanted, state !== undefined)
    if (place === undefined || !this.cells.suffice(sequence.tokens.length, left, place)) {
      this.expectWork()
      return
    }
    this.aside.shift()
    if (state === undefined) this.cells.take(wanted, place, left)
    else this.cells.resume(wanted, sequence.wanted.prompt.length, place.slot, state, length, left)
    sequence.slot = place.slot
    this.atWork.push(sequence)
  }

  cancel(): void {
    const cancelled = this.aside.shift()
    if (cancelled !== undefined) this.cells.forget(cancelled.aside)
  }
}

const prompt = fc
  .record({ name: fc.nat(2), shared: fc.constantFrom(0, 150, 300, 400, 400), rest: fc.nat(40) })
  .map(({ name, shared, rest }) => [
    ...Array.from({ length: shared }, (_, at) => name * 1000 + at),
    ...Array.from({ length: rest + 1 }, (_, at) => 50_000 + rest * 100 + at),
  ])
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      prompt,
      more: fc.integer({ min: 1, max: 60 }),
      owner: fc.constantFrom('a', 'a', 'a', 'b'),
      reuse: fc.constantFrom(true, true, true, false),
    }),
  },
  fc.record({ do: fc.constant('step' as const), chunk: fc.constantFrom(40, 400), token: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('leave' as const, 'preempt' as const), at: fc.nat(2) }),
  fc.record({ do: fc.constantFrom('resume' as const, 'resume' as const, 'cancel' as const) }),
)

describe.each([
  ['its own', false, false],
  ['its own, where results do not depend on company', false, true],
  ['a common pool', true, false],
])('Cells, each sequence with %s', (_, shared, invariant) => {
  it.each([0, 4000, 100_000])(
    'hold what each sequence is to hold, with %i bytes of host memory',
    (hostCacheBytes) => {
      fc.assert(
        fc.property(fc.array(action, { minLength: 10, maxLength: 60 }), (actions) => {
          const service = new Service(shared, invariant, hostCacheBytes, true)
          const { cells, memory } = service
          for (const action of actions) {
            service.clock.advance(1000)
            if (action.do === 'arrive') {
              const { prompt, owner, reuse } = action
              service.arrive({ prompt, group: '', owner, reuse }, action.more)
            } else if (action.do === 'step') service.step(action.chunk, action.token)
            else if (action.do === 'preempt') service.preempt(action.at)
            else if (action.do === 'leave') {
              // Every admitted sequence has had a step.
              service.step(40, 0)
              service.leave(action.at)
            } else service[action.do]()
            expect(cells.savedBytes).toBeLessThanOrEqual(hostCacheBytes)
            if (shared) expect(cells.free).toBe(commonCells - memory.used)
          }
          // All are served in the end.
          for (let step = 0; service.atWork.length + service.aside.length > 0; step += 1) {
            expect(step).toBeLessThan(1000)
            service.resume()
            service.step(100, 1)
          }
          expect(cells.usage).toBe(0)
        }),
        { numRuns: runs(15, 60) },
      )
    },
  )
})

describe('Cells in a common pool', () => {
  const running = 100
  /** Whether a second sequence of `prompt` tokens is admitted alongside one that holds `running` cells. */
  const admits = (prompt: number, preemption: boolean): boolean => {
    const service = new Service(true, false, 0, preemption)
    const tokens = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, at) => from + at)
    const wanted = (prompt: number[]): Wanted => ({ prompt, group: '', owner: '', reuse: false })
    service.arrive(wanted(tokens(0, running)), 80)
    service.step(400, 1)
    service.arrive(wanted(tokens(1000, prompt)), 60)
    return service.atWork.length === 2
  }

  it('admit a sequence only while a running one can outgrow its reservation by 16 tokens', () => {
    const most = commonCells - running - 64 - 16 - 60
    expect([admits(most, true), admits(most + 1, true)]).toEqual([true, false])
  })

  it('admit a sequence where all tokens of a running one fit, if none can be preempted', () => {
    const most = commonCells - running - 80 - 60
    expect([admits(most, false), admits(most + 1, false)]).toEqual([true, false])
  })
})

describe('Cells of a recurrent model', () => {
  const model = (memory: FakeMemory): LoadedModel =>
    ({
      native: { llama: memory.llama },
      context: {},
      plan: { shared: false, invariant: false, cells: 1024, contextLength: 512 },
      sequences: 2,
      copyCost: Number.POSITIVE_INFINITY,
      divisible: false,
    }) as unknown as LoadedModel

  it('serve a prompt that goes on where another one ended, and no other', () => {
    const memory = new FakeMemory(false, 1024, 2, false)
    const options = { working: 2, hostCacheBytes: 10_000, preemption: true, clock: new ManualClock() }
    const cells = new Cells(model(memory), options)
    const cachedOf = (prompt: readonly number[]): number => {
      const wanted = { prompt, group: '', owner: '', reuse: true }
      const place = cells.place(wanted)!
      const cached = cells.take(wanted, place, 5)
      cells.append(place.slot, prompt.slice(cached), true)
      memory.compute(place.slot, prompt.slice(cached))
      expect(memory.tokens(place.slot)).toEqual(prompt)
      cells.leave(place.slot)
      return cached
    }
    const first = Array.from({ length: 100 }, (_, at) => at)
    expect(cachedOf(first)).toBe(0)
    expect(cachedOf([...first, 7, 8])).toBe(100)
    expect(cachedOf([...first.slice(0, 90), 9])).toBe(0)
  })
})

describe('hot beginnings', () => {
  it('make way for those of today', () => {
    const memory = new FakeMemory(false, 1024, 1)
    const clock = new ManualClock()
    const reported: number[] = []
    const model = {
      native: { llama: memory.llama },
      context: {},
      plan: { shared: false, invariant: false, cells: 512, contextLength: 512 },
      sequences: 1,
      copyCost: 30,
      divisible: true,
    } as unknown as LoadedModel
    const onHot = (tokens: readonly number[]): void => void reported.push(tokens[0]!)
    // At most half is pinned: one of them.
    const cells = new Cells(model, { working: 1, hostCacheBytes: 1000, preemption: true, clock, onHot })
    const ask = (first: number, rest: number): void => {
      const prompt = [first, ...Array.from({ length: 99 }, (_, at) => at), 1000 + rest, 1001]
      const wanted = { prompt, group: '', owner: '', reuse: true }
      const place = cells.place(wanted)!
      const cached = cells.take(wanted, place, 5)
      cells.append(place.slot, prompt.slice(cached), true)
      memory.compute(place.slot, prompt.slice(cached))
      cells.leave(place.slot)
    }
    for (const first of [1, 2]) for (let use = 0; use < 5; use += 1) ask(first, use)
    expect(reported).toEqual([1])
    clock.advance(3_600_000)
    for (let use = 0; use < 5; use += 1) ask(2, use)
    expect(reported).toEqual([1, 2])
  })
})
