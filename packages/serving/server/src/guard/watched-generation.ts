/**
 * Guards a generation's output: observed as it passes, or held back until screened. A choice that the guard ends is cancelled in the
 * engine. Dialect-independent.
 */

import { onAbort } from '@hadal/base'
import type { OutputEnd, OutputGuard, OutputObserver, OutputPiece, ReleasedPiece } from '@hadal/guard'
import type { ChoiceDone, ChoiceEvent, Generate, Generation } from '../generation.ts'
import { tap } from '../tap.ts'
import type { OutputWatch } from './output-watch.ts'

/** A `GenerationLayer` for one request; returns `next` if there is no watch. */
export function watched(watch: OutputWatch | undefined, next: Generate): Generate {
  if (watch === undefined) return next
  return watch.holdsBack ? heldBack(watch, next) : observed(watch, next)
}

function observed(watch: OutputWatch, next: Generate): Generate {
  return (generation, signal) => {
    const observers = choicesOf(generation, () => watch.observer())
    const open = new Set(observers)
    const end = (observer: OutputObserver): void => {
      if (open.delete(observer)) void observer.end().then((verdict) => watch.report(verdict))
    }
    // On disconnect, reports what the client has received.
    onAbort(signal, () => {
      for (const observer of open) end(observer)
    })
    return tap(next(generation, signal), (event) => {
      const observer = observers[event.choice]!
      if (event.type === 'done') end(observer)
      else {
        const { channel, text } = pieceOf(event)
        if (text !== '') observer.add(channel, text)
      }
    })
  }
}

function heldBack(watch: OutputWatch, next: Generate): Generate {
  return async function* (generation, signal) {
    const cuts = choicesOf(generation, () => new AbortController())
    const choices = cuts.map((cut) => new HeldChoice(watch, cut))
    const cutoffs = cuts.map((cut) => cut.signal)
    try {
      for await (const event of next({ ...generation, cutoffs }, signal))
        for (const released of await choices[event.choice]!.add(event)) yield released
    } finally {
      // Also when the client disconnected or the engine failed.
      for (const choice of choices) choice.over()
    }
  }
}

const choicesOf = <T>({ prompts, n }: Generation, make: () => T): T[] =>
  Array.from({ length: prompts.length * n }, make)

class HeldChoice {
  readonly #watch: OutputWatch
  readonly #cut: AbortController
  readonly #guard: OutputGuard<ChoiceEvent>
  #sentTokens = 0
  #ended: OutputEnd | undefined
  #isOver = false

  constructor(watch: OutputWatch, cut: AbortController) {
    this.#watch = watch
    this.#cut = cut
    this.#guard = watch.guard()
  }

  /** Returns the events that can be sent. */
  async add(event: ChoiceEvent): Promise<readonly ChoiceEvent[]> {
    if (event.type === 'done') return this.#finish(event)
    // Prompt events precede all output.
    if (event.type === 'progress' || event.type === 'prompt') return [event]
    if (this.#ended !== undefined) {
      this.#watch.withheld(tokensOf(event))
      return []
    }
    const { released, ended } = await this.#guard.push(pieceOf(event))
    return ended === undefined ? this.#send(released) : this.#end(ended, event.choice)
  }

  async #finish(event: ChoiceDone): Promise<readonly ChoiceEvent[]> {
    const said: ChoiceEvent[] = []
    if (this.#ended === undefined) {
      const { released, ended } = await this.#guard.end()
      said.push(...(ended === undefined ? this.#send(released) : this.#end(ended, event.choice)))
    }
    this.over()
    return [...said, this.#ended === undefined ? event : this.#endOf(event, this.#ended)]
  }

  /** Ends the choice and reports its findings once. */
  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#watch.report(this.#guard.verdict)
  }

  #send(released: readonly ReleasedPiece<ChoiceEvent>[]): ChoiceEvent[] {
    return released.flatMap(({ item, text, isRewritten }) => {
      this.#sentTokens += tokensOf(item)
      if (!isRewritten || !('text' in item)) return [item]
      // The original tokens would reveal the replaced text.
      const rewritten =
        item.type === 'arguments' ? { ...item, text } : { ...item, text, tokens: [], logprobs: [] }
      return text === '' ? [] : [rewritten]
    })
  }

  #end(ended: OutputEnd, choice: number): ChoiceEvent[] {
    this.#ended = ended
    this.#cut.abort('the guard ended this answer')
    this.#watch.withheld(ended.withheldTokens)
    const { reply } = ended
    return reply === undefined ? [] : [{ type: 'delta', choice, text: reply, tokens: [], logprobs: [] }]
  }

  /** Usage counts only what was sent. */
  #endOf(event: ChoiceDone, { reply }: OutputEnd): ChoiceDone {
    const { stopString: _, stopToken: __, usage, ...done } = event
    const { draftTokens: ___, acceptedDraftTokens: ____, ...counted } = usage
    const completionTokens = Math.min(usage.completionTokens, this.#sentTokens)
    return {
      ...done,
      finishReason: reply === undefined ? 'content_filter' : 'stop',
      usage: {
        ...counted,
        completionTokens,
        reasoningTokens: Math.min(usage.reasoningTokens, completionTokens),
      },
    }
  }
}

function pieceOf(event: Exclude<ChoiceEvent, ChoiceDone>): OutputPiece<ChoiceEvent> {
  const text = 'text' in event ? event.text : ''
  const tokens = tokensOf(event)
  if (event.type === 'arguments') return { item: event, channel: `arguments ${event.index}`, text, tokens }
  return { item: event, channel: event.type === 'reasoning' ? 'reasoning' : 'content', text, tokens }
}

/** Tool arguments carry no token count; assumes four characters per token. */
function tokensOf(event: ChoiceEvent): number {
  if (event.type === 'arguments') return Math.ceil(event.text.length / 4)
  return event.type === 'delta' || event.type === 'reasoning'
    ? Math.max(event.tokens.length, event.text === '' ? 0 : 1)
    : 0
}
