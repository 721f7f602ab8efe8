/**
 * Runs a grammar over bytes. A `Position` is the state after a text, and each byte leads to another one. Positions are created
 * lazily, shared, and cache their transitions, so that repeated text costs one look-up per byte. Unfinished calls form a graph
 * rather than one stack per parse (as in GLL parsers), so ambiguous grammars stay cheap. Pure; the rules have been validated.
 */

import { invalidGrammar } from '../errors.ts'
import type { Element, GrammarRules } from './grammar-rules.ts'
import { none, Utf8States, whole } from './utf8-states.ts'

type Character = Element & { readonly kind: 'character' }

/** Where to continue after a finished rule; `accepts` when the root itself is finished. */
interface Frame {
  readonly id: number
  readonly accepts: boolean
  readonly returns: readonly (readonly [place: number, frame: Frame])[]
}

/** A rule called at the position under construction; it becomes a frame. */
interface Call {
  readonly id: number
  readonly returns: (readonly [place: number, frame: Frame | Call])[]
  readonly seen: Set<number>
  /** Whether it can finish without a byte: later callers then continue immediately. */
  finished: boolean
  frame: Frame | undefined
}

/** What may come next: a character of which `state` bytes have been read, or a token; then `place + 1` in `frame`. */
interface Expected {
  readonly place: number
  readonly state: number
  readonly frame: Frame
}

export interface Position {
  readonly expected: readonly Expected[]
  /** The text so far is a complete match. */
  readonly complete: boolean
  /** Transitions by byte; null: none. */
  readonly next: (Position | null | undefined)[]
  /** Cache for code that knows the vocabulary. */
  notes: unknown
}

/** Beyond this many positions and frames the cache is cleared; they are recreated when needed. */
const maxKept = 500_000

const [endOfSequence, ruleCall, character, token, otherToken] = [0, 1, 2, 3, 4]

/** Text with more parallel parses than this is rejected as too ambiguous. */
const maxWays = 2000

export class GrammarAutomaton {
  readonly hasTokens: boolean
  /** Grammar positions visited so far: the cost of expansion. */
  work = 0
  readonly #utf8 = new Utf8States()
  /** For each position in a rule: the kind of element, and its rule, the state of its first byte, or its token. */
  readonly #kinds: number[] = []
  readonly #values: number[] = []
  /** Where the alternatives of each rule start. */
  readonly #starts: number[][] = []
  readonly #root: number
  #frames = new Map<string, Frame>()
  #positions = new Map<string, Position>()
  #nextFrame = 0
  #kept = 0

  constructor({ rules, root }: GrammarRules) {
    this.#root = root
    const states = new Map<string, number>()
    const stateOf = ({ ranges, negated }: Character): number => {
      const key = `${negated} ${ranges.join()}`
      const state = states.get(key) ?? this.#utf8.start(ranges, negated)
      states.set(key, state)
      return state
    }
    this.hasTokens = rules.flat(2).some(({ kind }) => kind === 'token')
    for (const rule of rules) {
      const starts: number[] = []
      for (const alternative of rule) {
        starts.push(this.#kinds.length)
        for (const element of alternative) {
          if (element.kind === 'rule') this.#place(ruleCall, element.rule)
          else if (element.kind === 'token') this.#place(element.negated ? otherToken : token, element.token)
          else this.#place(character, stateOf(element))
        }
        this.#place(endOfSequence, 0)
      }
      this.#starts.push(starts)
    }
  }

  /** Before any text. */
  start(): Position {
    const nothing = this.#frame(true, [])
    return this.#position(
      this.#starts[this.#root]!.map((place) => [place, nothing] as const),
      [],
    )
  }

  /** After one more byte; undefined if the grammar does not allow it. Throws `invalid_grammar` if it is too ambiguous. */
  step(position: Position, byte: number): Position | undefined {
    let next = position.next[byte]
    if (next === undefined) {
      next = this.#afterByte(position, byte) ?? null
      position.next[byte] = next
    }
    return next ?? undefined
  }

  /** After these bytes. */
  run(position: Position, bytes: Uint8Array): Position | undefined {
    let at: Position | undefined = position
    for (const byte of bytes) {
      at = this.step(at, byte)
      if (at === undefined) return undefined
    }
    return at
  }

  /** After a token with these bytes: matched as text and, where the grammar names tokens, also by its id. */
  runToken(position: Position, id: number, bytes: Uint8Array): Position | undefined {
    const byText = bytes.length === 0 ? undefined : this.run(position, bytes)
    if (!this.hasTokens) return byText
    const named = position.expected.filter(({ place }) => this.#takesToken(place, id))
    if (named.length === 0) return byText
    const seeds = named.map(({ place, frame }) => [place + 1, frame] as const)
    return this.#position(seeds, byText?.expected ?? [], byText?.complete)
  }

  /** Whether the grammar accepts this token by id, whatever its text. */
  namesToken(position: Position, id: number): boolean {
    return position.expected.some(({ place }) => this.#takesToken(place, id))
  }

  #takesToken(place: number, id: number): boolean {
    const kind = this.#kinds[place]
    return kind === token ? this.#values[place] === id : kind === otherToken && this.#values[place] !== id
  }

  #place(kind: number, value: number): void {
    this.#kinds.push(kind)
    this.#values.push(value)
  }

  #afterByte({ expected }: Position, byte: number): Position | undefined {
    const seeds: (readonly [number, Frame])[] = []
    const within: Expected[] = []
    for (const { place, state, frame } of expected) {
      if (this.#kinds[place] !== character) continue
      const next = this.#utf8.step(state, byte)
      if (next === whole) seeds.push([place + 1, frame])
      else if (next !== none) within.push({ place, state: next, frame })
    }
    return seeds.length + within.length === 0 ? undefined : this.#position(seeds, within)
  }

  /** Everything that can come next from these positions, through calls and ends of rules. */
  #position(
    seeds: readonly (readonly [place: number, frame: Frame])[],
    within: readonly Expected[],
    isComplete = false,
  ): Position {
    if (this.#kept >= maxKept) this.#forget()
    const calls = new Map<number, Call>()
    const seen = new Set<number>()
    const todo: (readonly [number, Frame | Call])[] = [...seeds]
    const waiting: (readonly [number, Frame | Call])[] = []
    let complete = isComplete
    while (todo.length > 0) {
      this.work += 1
      const step = todo.pop()!
      const [place, frame] = step
      if (!addTo(seen, this.#key(place, frame))) continue
      const kind = this.#kinds[place]
      if (kind === endOfSequence) {
        if ('accepts' in frame) complete ||= frame.accepts
        else frame.finished = true
        for (const back of frame.returns) todo.push(back)
      } else if (kind === ruleCall) {
        const rule = this.#values[place]!
        let call = calls.get(rule)
        if (call === undefined) {
          call = { id: -1 - rule, returns: [], seen: new Set(), finished: false, frame: undefined }
          calls.set(rule, call)
          for (const start of this.#starts[rule]!) todo.push([start, call])
        }
        if (!addTo(call.seen, this.#key(place + 1, frame))) continue
        call.returns.push([place + 1, frame])
        if (call.finished) todo.push([place + 1, frame])
      } else waiting.push(step)
    }
    checkWays(waiting.length + within.length)
    const expected = waiting.map(([place, frame]) => {
      const state = this.#kinds[place] === character ? this.#values[place]! : 0
      return { place, state, frame: this.#settle(frame) }
    })
    return this.#shared([...expected, ...within], complete)
  }

  #key(place: number, frame: Frame | Call): number {
    return frame.id * this.#kinds.length + place
  }

  #settle(frame: Frame | Call): Frame {
    if ('accepts' in frame) return frame
    frame.frame ??= this.#frameOf(frame)
    return frame.frame
  }

  /** A tail call returns to where its caller returns, so repetitions do not grow the stack. */
  #frameOf(call: Call): Frame {
    const returns = new Map<number, readonly [number, Frame]>()
    const through = new Set<Frame | Call>()
    const todo: (Frame | Call)[] = [call]
    let accepts = false
    while (todo.length > 0) {
      const frame = todo.pop()!
      this.work += 1 + frame.returns.length
      if (through.has(frame)) continue
      through.add(frame)
      if ('accepts' in frame) accepts ||= frame.accepts
      for (const [place, outer] of frame.returns) {
        if (this.#kinds[place] === endOfSequence) todo.push(outer)
        else {
          const settled = this.#settle(outer)
          returns.set(this.#key(place, settled), [place, settled])
        }
      }
    }
    return this.#frame(accepts, [...returns.values()])
  }

  #frame(accepts: boolean, returns: (readonly [number, Frame])[]): Frame {
    checkWays(returns.length)
    const sorted = returns.sort(([a, f], [b, g]) => a - b || f.id - g.id)
    const key = `${accepts} ${sorted.map(([place, { id }]) => `${place}:${id}`).join()}`
    let frame = this.#frames.get(key)
    if (frame === undefined) {
      frame = { id: this.#nextFrame, accepts, returns: sorted }
      this.#nextFrame += 1
      this.#frames.set(key, frame)
      this.#kept += key.length / 8 + returns.length + 8
    }
    return frame
  }

  #shared(all: Expected[], complete: boolean): Position {
    const sorted = all.sort((a, b) => a.place - b.place || a.frame.id - b.frame.id || a.state - b.state)
    const keys = sorted.map(({ place, state, frame }) => `${place}.${state}:${frame.id}`)
    const expected = sorted.filter((_, index) => keys[index] !== keys[index - 1])
    const key = `${complete} ${[...new Set(keys)].join()}`
    let position = this.#positions.get(key)
    if (position === undefined) {
      position = { expected, complete, next: [], notes: undefined }
      this.#positions.set(key, position)
      this.#kept += key.length / 8 + expected.length + 8
    }
    return position
  }

  /** Positions in use stay valid, and hold no others; they are just no longer shared with later equal ones. */
  #forget(): void {
    for (const position of this.#positions.values()) position.next.length = 0
    this.#positions = new Map()
    this.#frames = new Map()
    this.#kept = 0
  }
}

function checkWays(count: number): void {
  if (count > maxWays) throw invalidGrammar(`a text it describes can be read in more than ${maxWays} ways`)
}

/** Returns whether it was new. */
function addTo(set: Set<number>, key: number): boolean {
  if (set.has(key)) return false
  set.add(key)
  return true
}
