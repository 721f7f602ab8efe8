/**
 * Holds back output until a number of further tokens have arrived and everything was screened, so that nothing has to be retracted. One per
 * choice. Held items can be anything with a text (events, JSON chunks); their order is preserved.
 */

import type { Verdict, VerdictFinding } from '../verdict.ts'
import { ChannelText } from './channel-text.ts'
import { OutputRecord } from './output-record.ts'
import { type FoundSpan, Redactions, type Redactor } from './redactions.ts'

export interface OutputPiece<Item> {
  readonly item: Item
  /** Content, reasoning, or the arguments of one call; each is screened separately. */
  readonly channel: string
  readonly text: string
  /** A piece without tokens and text is released right after those before it. */
  readonly tokens: number
}

export interface ReleasedPiece<Item> {
  readonly item: Item
  readonly text: string
  /** The text was changed, so its tokens no longer match. */
  readonly isRewritten: boolean
}

export interface OutputStep<Item> {
  readonly released: readonly ReleasedPiece<Item>[]
  /** The output ends here; held text is never sent. */
  readonly ended?: OutputEnd
}

export interface OutputEnd {
  readonly verdict: Verdict
  /** Sent instead if nothing was sent yet. */
  readonly reply?: string
  /** Number of tokens held back. */
  readonly withheldTokens: number
}

export interface OutputGuardOptions {
  /** Screens the latest text of a channel. Should not throw. */
  readonly screen: (text: string) => Promise<Verdict>
  readonly holdBackTokens: number
  /** Redacts matches, including those spread over pieces. */
  readonly redactor?: () => Redactor
}

interface Held<Item> extends OutputPiece<Item> {
  readonly to: Channel
  readonly start: number
  readonly end: number
  /** Tokens of the output up to the end of this piece. */
  readonly tokensSoFar: number
}

interface Channel {
  readonly name: string
  readonly text: ChannelText
  readonly redactions: Redactions
  releasedTo: number
}

/**
 * Holds back model output until it is screened.
 *
 * @example
 * ```ts
 * import { createGuard, OutputGuard } from '@hadal/guard'
 *
 * const guard = createGuard()
 * const output = new OutputGuard<string>({
 *   screen: (text) => guard.screen(text, { role: 'assistant' }),
 *   holdBackTokens: 8,
 * })
 * for (const piece of ['The ', 'answer ', 'is 42.']) {
 *   const { released } = await output.push({ item: piece, channel: 'content', text: piece, tokens: 1 })
 *   for (const { text } of released) process.stdout.write(text)
 * }
 * await output.end() // what is still held, or why the answer ends here
 * ```
 */
export class OutputGuard<Item> {
  readonly #options: OutputGuardOptions
  readonly #channels = new Map<string, Channel>()
  readonly #record = new OutputRecord()
  /** Tokens between screenings: half of the held-back ones, which bounds the cost. */
  readonly #stride: number
  #held: Held<Item>[] = []
  #tokens = 0
  #screenedTokens = 0
  #hasReleased = false
  #isOver = false

  constructor(options: OutputGuardOptions) {
    this.#options = options
    this.#stride = Math.max(1, Math.floor(options.holdBackTokens / 2))
  }

  /** All findings so far as one verdict; undefined if nothing was screened. */
  get verdict(): Verdict | undefined {
    return this.#record.verdict
  }

  /** Call sequentially. Releases nothing after the end. */
  async push(piece: OutputPiece<Item>): Promise<OutputStep<Item>> {
    if (this.#isOver) return { released: [] }
    const channel = this.#channel(piece.channel)
    const start = channel.text.length
    channel.text.add(piece.text)
    channel.redactions.push(piece.text)
    this.#tokens += piece.tokens
    this.#held.push({ ...piece, to: channel, start, end: channel.text.length, tokensSoFar: this.#tokens })
    if (this.#tokens - this.#screenedTokens >= this.#stride) {
      const ended = await this.#screen()
      if (ended !== undefined) return { released: [], ended }
    }
    return { released: this.#release(this.#screenedTokens - this.#options.holdBackTokens) }
  }

  /** Screens and releases the rest. */
  async end(): Promise<OutputStep<Item>> {
    if (this.#isOver) return { released: [] }
    for (const channel of this.#channels.values()) channel.redactions.end()
    const ended = await this.#screen()
    this.#isOver = true
    return ended === undefined
      ? { released: this.#release(Number.POSITIVE_INFINITY) }
      : { released: [], ended }
  }

  async #screen(): Promise<OutputEnd | undefined> {
    for (const channel of this.#channels.values()) {
      const { length, screenedTo } = channel.text
      if (length === screenedTo) continue
      const { text, offset } = channel.text.window()
      const verdict = await this.#options.screen(text)
      this.#record.add(channel.name, verdict, offset)
      if (verdict.action === 'block' || verdict.action === 'reply') return this.#end(verdict)
      for (const finding of verdict.findings)
        if (finding.action === 'redact') this.#redact(channel, finding, offset)
      channel.text.screened(length, channel.releasedTo)
    }
    this.#screenedTokens = this.#tokens
    return undefined
  }

  #redact({ redactions, releasedTo }: Channel, { span, replacement }: VerdictFinding, offset: number): void {
    redactions.add(
      { start: span.start + offset, end: span.end + offset },
      replacement ?? '[redacted]',
      releasedTo,
    )
  }

  #end(verdict: Verdict): OutputEnd {
    this.#isOver = true
    const withheldTokens = this.#held.reduce((sum, { tokens }) => sum + tokens, 0)
    this.#held = []
    const says = verdict.action === 'reply' && !this.#hasReleased ? verdict.reply : undefined
    return { verdict: this.#record.verdict!, withheldTokens, ...(says !== undefined && { reply: says }) }
  }

  /** Pieces old enough to release, up to the first that may still be part of a redaction. */
  #release(tokens: number): ReleasedPiece<Item>[] {
    const released: ReleasedPiece<Item>[] = []
    for (const piece of this.#held) {
      const { to: channel, start, end, text, item } = piece
      if (text !== '' || piece.tokens > 0) {
        const isScreened = end <= channel.text.screenedTo && end <= channel.redactions.settledTo
        if (!isScreened || piece.tokensSoFar > tokens) break
        this.#hasReleased ||= text !== ''
      }
      const said = channel.redactions.apply(text, start)
      released.push({ item, text: said ?? text, isRewritten: said !== undefined })
      channel.releasedTo = end
    }
    if (released.length > 0) this.#held = this.#held.slice(released.length)
    return released
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const redactor = this.#options.redactor?.()
    const redactions = new Redactions(redactor, (finding) => this.#record.found(name, asVerdict(finding), 0))
    const channel: Channel = { name, text: new ChannelText(), redactions, releasedTo: 0 }
    this.#channels.set(name, channel)
    return channel
  }
}

const asVerdict = ({ rule, span, replacement }: FoundSpan): VerdictFinding => ({
  rule,
  span,
  replacement,
  view: 'original',
  why: rule,
  check: 'outputRedaction',
  layer: 'output',
  action: 'redact',
})
