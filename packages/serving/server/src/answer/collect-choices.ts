/** Collects a generation's events into finished choices, for non-streaming responses. */

import type { GeneratedToken } from '@hadal/engine'
import type { FinishedChoice } from '../dialect.ts'
import type { ChoiceDone, ChoiceEvent, ChoicePrompt } from '../generation.ts'

export class ChoiceCollector {
  readonly #open: OpenChoice[] = []
  readonly #finished: FinishedChoice[] = []

  add(event: ChoiceEvent): void {
    this.#open[event.choice] ??= {
      text: '',
      reasoning: '',
      toolCalls: [],
      logprobs: [],
      reasoningLogprobs: [],
      tokens: [],
      prompt: [],
      events: [],
    }
    const choice = this.#open[event.choice]!
    choice.events.push(event)
    if (event.type === 'done') this.#finished[event.choice] = { ...choice, done: event }
    else extend(choice, event)
  }

  get choices(): readonly FinishedChoice[] {
    return this.#finished
  }
}

interface OpenChoice {
  text: string
  reasoning: string
  readonly toolCalls: { id: string; name: string; arguments: string }[]
  readonly logprobs: GeneratedToken[]
  readonly reasoningLogprobs: GeneratedToken[]
  readonly tokens: number[]
  prompt: ChoicePrompt['tokens']
  readonly events: ChoiceEvent[]
}

function extend(choice: OpenChoice, event: Exclude<ChoiceEvent, ChoiceDone>): void {
  switch (event.type) {
    case 'progress':
      return
    case 'prompt':
      choice.prompt = event.tokens
      return
    case 'tool':
      choice.toolCalls[event.index] = { id: event.id, name: event.name, arguments: '' }
      return
    case 'arguments':
      choice.toolCalls[event.index]!.arguments += event.text
      return
    case 'delta':
      choice.text += event.text
      choice.logprobs.push(...event.logprobs)
      break
    case 'reasoning':
      choice.reasoning += event.text
      choice.reasoningLogprobs.push(...event.logprobs)
  }
  choice.tokens.push(...event.tokens)
}
