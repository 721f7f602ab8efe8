/** Another server's response under the guard: observed as it passes, or held back until screened. Only OpenAI's two APIs are supported. */

import type { OutputGuard, OutputObserver, OutputStep } from '@hadal/guard'
import { SseDecoder, sseDone, sseEvent, sseJson } from '@hadal/protocol'
import type { OutputWatch } from './output-watch.ts'
import {
  type ChunkPiece,
  type ReadChunk,
  readChunk,
  readWhole,
  type WholeChoice,
  withChoices,
} from './relayed-chunks.ts'

type Bytes = AsyncIterable<Uint8Array>

/** True if responses of this route can be parsed. */
export const canBeRead = (route: string): boolean => /\/(chat\/)?completions$/.test(route)

/** Larger non-streamed responses are not observed, to bound memory. */
const longestObserved = 4 * 1024 * 1024

/** Passes the bytes through unchanged and observes a copy. */
export async function* observedAnswer(
  body: Bytes,
  watch: OutputWatch,
  streams: boolean,
): AsyncGenerator<Uint8Array> {
  const observers = new Map<number, OutputObserver>()
  const see = (choice: number, channel: string, text: string): void => {
    let observer = observers.get(choice)
    if (observer === undefined) {
      observer = watch.observer()
      observers.set(choice, observer)
    }
    if (text !== '') observer.add(channel, text)
  }
  const utf8 = new TextDecoder()
  const events = new SseDecoder()
  let whole = ''
  try {
    for await (const bytes of body) {
      const text = utf8.decode(bytes, { stream: true })
      if (streams)
        for (const { data } of events.push(text))
          for (const piece of readChunk(parsed(data))?.pieces ?? [])
            see(piece.choice, piece.channel, piece.text)
      else if (whole.length <= longestObserved) whole += text
      yield bytes
    }
    if (!streams && whole.length <= longestObserved)
      for (const [choice, { parts }] of (readWhole(parsed(whole)) ?? []).entries())
        for (const { channel, text } of parts) see(choice, channel, text)
  } finally {
    for (const observer of observers.values()) void observer.end().then((verdict) => watch.report(verdict))
  }
}

/** The releasable part of a stream. Stops reading once each of `choices` has ended. */
export async function* heldEvents(body: Bytes, watch: OutputWatch, choices: number): AsyncGenerator<string> {
  const utf8 = new TextDecoder()
  const events = new SseDecoder()
  const held = new HeldChunks(watch)
  try {
    for await (const bytes of body)
      for (const { data } of events.push(utf8.decode(bytes, { stream: true }))) {
        yield await held.add(data)
        if (held.cutShort >= choices) {
          yield sseDone
          return
        }
      }
    // The stream ended without a final event.
    yield await held.end()
  } finally {
    held.over()
  }
}

interface HeldChoice {
  readonly guard: OutputGuard<ChunkPiece>
  /** Template for chunks written here. */
  last: ReadChunk
  isOver: boolean
}

class HeldChunks {
  readonly #watch: OutputWatch
  readonly #choices = new Map<number, HeldChoice>()
  /** Number of choices the guard ended. */
  cutShort = 0

  constructor(watch: OutputWatch) {
    this.#watch = watch
  }

  /** Returns what can be sent after this event. */
  async add(data: string): Promise<string> {
    if (data === '[DONE]') return `${await this.end()}${sseDone}`
    const value = parsed(data)
    const chunk = readChunk(value)
    if (chunk === undefined) return isUsage(value) ? sseJson(withChoices(value, [])) : sseEvent(data)
    let said = ''
    for (const piece of chunk.pieces) {
      const choice = this.#choice(piece.choice, chunk)
      const { channel, text } = piece
      const tokens = Math.ceil(text.length / 4)
      if (choice.isOver) this.#watch.withheld(tokens)
      else said += this.#say(piece.choice, await choice.guard.push({ item: piece, channel, text, tokens }))
    }
    for (const { choice: index, chunk: last } of chunk.ends) {
      const choice = this.#choice(index, chunk)
      if (choice.isOver) continue
      said += await this.#finish(index)
      if (!choice.isOver) said += sseJson(last)
      choice.isOver = true
    }
    return said
  }

  /** Flushes at the end of the stream. */
  async end(): Promise<string> {
    let said = ''
    for (const [index, choice] of this.#choices) {
      if (choice.isOver) continue
      said += await this.#finish(index)
      choice.isOver = true
    }
    return said
  }

  /** The client disconnected; reports what it has received. */
  over(): void {
    for (const { guard, isOver } of this.#choices.values()) if (!isOver) this.#watch.report(guard.verdict)
  }

  async #finish(index: number): Promise<string> {
    const choice = this.#choices.get(index)!
    const said = this.#say(index, await choice.guard.end())
    if (!choice.isOver) this.#watch.report(choice.guard.verdict)
    return said
  }

  #say(index: number, { released, ended }: OutputStep<ChunkPiece>): string {
    const said = released
      .map(({ item, text, isRewritten }) => sseJson(item.write(text, isRewritten)))
      .join('')
    if (ended === undefined) return said
    const choice = this.#choices.get(index)!
    choice.isOver = true
    this.cutShort += 1
    this.#watch.withheld(ended.withheldTokens)
    this.#watch.report(ended.verdict)
    const { last } = choice
    if (ended.reply === undefined) return said + sseJson(last.end(index, 'content_filter'))
    return said + sseJson(last.say(index, ended.reply)) + sseJson(last.end(index, 'stop'))
  }

  #choice(index: number, last: ReadChunk): HeldChoice {
    const known = this.#choices.get(index)
    if (known !== undefined) {
      known.last = last
      return known
    }
    const choice: HeldChoice = { guard: this.#watch.guard(), last, isOver: false }
    this.#choices.set(index, choice)
    return choice
  }
}

/** A whole response, released once fully screened. */
export async function* heldAnswer(body: Bytes, watch: OutputWatch): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const bytes of body) pieces.push(bytes)
  const bytes = Buffer.concat(pieces)
  const answer = parsed(bytes.toString('utf8'))
  const choices = readWhole(answer)
  if (choices === undefined) return yield bytes
  const written = await Promise.all(choices.map((choice) => heldChoice(choice, watch)))
  yield Buffer.from(JSON.stringify(withChoices(answer as object, written)))
}

async function heldChoice(choice: WholeChoice, watch: OutputWatch): Promise<unknown> {
  const guard = watch.guard<number>()
  const texts = choice.parts.map(({ text }) => text)
  const steps: OutputStep<number>[] = []
  for (const [item, { channel, text }] of choice.parts.entries())
    steps.push(await guard.push({ item, channel, text, tokens: Math.ceil(text.length / 4) }))
  steps.push(await guard.end())
  watch.report(guard.verdict)
  const ended = steps.find((step) => step.ended !== undefined)?.ended
  if (ended !== undefined) {
    watch.withheld(Math.ceil(texts.join('').length / 4))
    return choice.end(ended.reply ?? '', ended.reply === undefined ? 'content_filter' : 'stop')
  }
  for (const { released } of steps) for (const { item, text } of released) texts[item] = text
  return choice.write(texts)
}

/** A chunk without choices. */
const isUsage = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'choices' in value

/** Undefined for invalid JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
