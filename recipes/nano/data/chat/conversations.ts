// Builds whole conversations: picks topics by weight, chains follow-ups, adds greetings, thanks and system
// prompts. Knows nothing about what is asked, nor about files.

import type { Random } from '../random.ts'
import { residueIn } from '../residue.ts'
import { casual, type Exchange, phraseWith } from './exchange.ts'
import { askTalk } from './smalltalk.ts'
import { type Knowledge, topicsOf } from './topics.ts'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface Conversation {
  readonly messages: readonly Message[]
  /** The kind of the last question. */
  readonly kind: string
  /** What the last reply must contain, where that can be checked. */
  readonly answer?: string
  /** Validation only: what was kept from training, the wording or the fact itself. */
  readonly heldOut?: 'phrasing' | 'fact'
}

const SYSTEM_PROMPTS = [
  'You are Nano, a small and friendly assistant.',
  'You are Nano, a pocket dictionary.',
  'You are a helpful assistant.',
  'You are Nano, a small language model trained by Hadal.',
  'Answer in short and simple sentences.',
  'You are a helpful assistant. Answer briefly.',
  'Be polite and honest. If you do not know something, say so.',
  'You are an assistant that explains words in plain English.',
]

export type Split = 'train' | 'phrasing' | 'fact'

/** `count` conversations; the split says what training must not have seen. */
export function conversations(
  knowledge: Knowledge,
  count: number,
  split: Split,
  random: Random,
): Conversation[] {
  const choices = topicsOf(knowledge, split === 'fact')
  const total = choices.reduce((sum, { weight }) => sum + weight, 0)
  const made: Conversation[] = []
  while (made.length < count) {
    let roll = random.next() * total
    const topic = choices.find(({ weight }) => {
      roll -= weight
      return roll < 0
    })!
    const started = topic.start(phraseWith(random, split === 'phrasing'), random, split === 'phrasing')
    made.push(assemble(started.first, started.next, split, random))
  }
  return made
}

function assemble(first: Exchange, next: readonly Exchange[], split: Split, random: Random): Conversation {
  const training = phraseWith(random, false)
  const turns = [first]
  if (split !== 'fact' && next.length > 0 && random.chance(0.3))
    turns.push(...next.slice(0, 1 + random.int(next.length)))
  if (turns.length < 4 && first.kind !== 'greeting' && random.chance(0.06))
    turns.unshift(askTalk('greeting', training, random))
  if (turns.length < 4 && split === 'train' && random.chance(0.03))
    turns.push(askTalk('thanks', training, random))
  const messages: Message[] = []
  if (random.chance(0.25)) messages.push({ role: 'system', content: random.pick(SYSTEM_PROMPTS) })
  for (const turn of turns) {
    messages.push({ role: 'user', content: casual(turn.user, random) })
    messages.push({ role: 'assistant', content: turn.assistant })
  }
  const last = turns[turns.length - 1]!
  const fault = residueIn(last.assistant) ?? residueIn(last.user)
  if (fault !== undefined) throw new Error(`${fault} in "${last.user}" -> "${last.assistant}"`)
  return {
    messages,
    kind: last.kind,
    ...(last.answer === undefined ? {} : { answer: last.answer }),
    ...(split === 'train' ? {} : { heldOut: split }),
  }
}
