/**
 * Holds back what a model writes until so many more tokens have come and all of it was screened: nothing is sent that would have
 * to be taken back. One for each choice of an answer. What is held is anything that has a text (an event, a chunk of
 * JSON); their order stays. Knows no server and no dialect.
 */

import type { Verdict, VerdictFinding } from '../verdict.ts'
import { ChannelText } from './channel-text.ts'
import { OutputRecord } from './output-record.ts'
import { type FoundSpan, Redactions, type Redactor } from './redactions.ts'

export interface OutputPiece<Item> {
  readonly item: Item
  /** What it is part of: the content, the reasoning, the arguments of one call. Each is a text of its own. */
  readonly channel: string
  readonly text: string
  /** Without any, and without a text, it waits for what came before it, and for nothing else. */
  readonly tokens: number
}

export interface ReleasedPiece<Item> {
  readonly item: Item
  readonly text: string
  /** Something in it was replaced: its tokens no longer spell it. */
  readonly isRewritten: boolean
}

export interface OutputStep<Item> {
  readonly released: readonly ReleasedPiece<Item>[]
  /** It ends here: what was held back is never sent. */
  readonly ended?: OutputEnd
}

export interface OutputEnd {
  readonly verdict: Verdict
  /** To be said instead, where nothing has been said yet. */
  readonly reply?: string
  /** Tokens that were held back. */
  readonly withheldTokens: number
}

export interface OutputGuardOptions {
  /** Of the last texts of a channel. Should not throw. */
  readonly screen: (text: string) => Promise<Verdict>
  readonly holdBackTokens: number
  /** Finds what is replaced, also where it is spread over pieces. */
  readonly redactor?: () => Redactor
}

interface Held<Item> extends OutputPiece<Item> {
  readonly to: Channel
  readonly start: number
  readonly end: number
  /** Tokens of the answer up to its end. */
  readonly tokensSoFar: number
}

interface Channel {
  readonly name: string
  readonly text: ChannelText
  readonly redactions: Redactions
  releasedTo: number
}

/**
 * Holds back what a model writes until it was screened.
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
  /** Tokens between two times of screening: half of those that are held back, so that screening costs what it must and no more. */
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

  /** All that was found so far, as one verdict; undefined where nothing was screened. */
  get verdict(): Verdict | undefined {
    return this.#record.verdict
  }

  /** One at a time. After the end nothing is released. */
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

  /** Nothing more comes: what was held back is screened once more, and released. */
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

  /** Of the pieces that are as old as that, those before the first that may yet be part of what is replaced. */
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
