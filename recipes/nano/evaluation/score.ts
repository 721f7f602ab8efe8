// Counts right and well-formed replies by kind and by what was held out. Pure.

import type { Message, Reply } from './chat-client.ts'
import type { Evaluation, HeldOut, Mistake, Score, SplitScores } from './evaluation.ts'
import { type FormFault, formFault } from './form-issue.ts'

/** A line of `chat.valid.jsonl`. */
export interface HeldOutConversation {
  readonly messages: readonly Message[]
  readonly kind: string
  readonly answer?: string
  readonly heldOut: HeldOut
}

/** The conversation up to its last question. */
export const promptOf = ({ messages }: HeldOutConversation): readonly Message[] => messages.slice(0, -1)

/** `replies[i]` answers `conversations[i]`. */
export function score(
  conversations: readonly HeldOutConversation[],
  replies: readonly Reply[],
): Pick<Evaluation, 'total' | 'kinds' | 'formFaults' | 'mistakes'> {
  const kinds: Record<string, Tallies> = {}
  const total: Tallies = {}
  const faults: Partial<Record<FormFault, number>> = {}
  const mistakes = new Map<string, Mistake>()

  conversations.forEach((conversation, index) => {
    const { kind, heldOut, answer } = conversation
    const reply = replies[index]!
    const right = answer !== undefined && reply.text.includes(answer)
    const fault = formFault(reply)
    kinds[kind] ??= {}
    for (const tallies of [total, kinds[kind]]) {
      tallies[heldOut] ??= { asked: 0, checked: 0, right: 0, wellFormed: 0 }
      const tally = tallies[heldOut]
      tally.asked += 1
      if (answer !== undefined) tally.checked += 1
      if (right) tally.right += 1
      if (fault === undefined) tally.wellFormed += 1
    }
    if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1
    const key = `${kind} ${heldOut}`
    if (answer !== undefined && !right && !mistakes.has(key)) {
      const asked = promptOf(conversation).filter(({ role }) => role === 'user')
      const questions = asked.map(({ content }) => content)
      mistakes.set(key, { kind, heldOut, questions, answer, reply: reply.text })
    }
  })
  return {
    total,
    kinds: byName(kinds),
    formFaults: byName(faults),
    mistakes: Object.values(byName(Object.fromEntries(mistakes))),
  }
}

type Tallies = { -readonly [Split in keyof SplitScores]: { -readonly [Key in keyof Score]: number } }

const byName = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
