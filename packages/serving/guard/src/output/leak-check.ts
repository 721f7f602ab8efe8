/**
 * Whether an answer repeats its system prompt, by groups of words that both have, in every view: also in base64, in leetspeak,
 * letter by letter. A few quoted words are no leak, nor is what the user said first, nor what the prompt gives to be said: it stands
 * in quotation marks. Pure, but for remembering prompts.
 */

import { type Check, type Finding, nothing, type View } from '../check.ts'
import { groupLength, groupsOf, wordsOf } from './words.ts'

export interface LeakOptions {
  /** So many words of the prompt in a row are a leak; of scripts without spaces three characters count as two words. */
  readonly run?: number
  /** So much of what could be repeated, 0 to 1, is one, too: of the prompt's groups, or of the answer's where those are fewer. */
  readonly share?: number
}

export const leakDefaults: Required<LeakOptions> = { run: 16, share: 0.5 }

/** Fewer groups in common than this are a quotation, however short the prompt is. */
const minGroups = 12

/**
 * `said`: texts of the user, whose words the answer may repeat.
 *
 * @example
 * ```ts
 * import { createGuard, leakCheck } from '@hadal/guard'
 *
 * const check = leakCheck(['You are the assistant of the harbour office and never speak of tariffs before May.'])
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'leak', layer: 'output', check, action: 'block' }] })
 * const { action } = await guard.screen('It says: You are the assistant of the harbour office and never speak of tariffs before May.', { role: 'assistant' })
 * action // → 'block'
 * ```
 */
export function leakCheck(
  systemTexts: readonly string[],
  options: LeakOptions = {},
  said: readonly string[] = [],
): Check {
  const { run, share } = { ...leakDefaults, ...options }
  const prompt = lazily(() => new Set(systemTexts.flatMap((text) => [...promptGroups(text)])))
  const unsaid = lazily(() => {
    const groups = new Set(prompt())
    for (const text of said) for (const group of groupsOf(wordsOf(text))) groups.delete(group)
    return groups
  })
  const find = (view: View): Finding | undefined => {
    const overlap = overlapOf(view.text, prompt(), run, share)
    // What users said is looked at only where something was found: that is rare, and conversations are long.
    const leak =
      overlap === undefined || said.length === 0 ? overlap : overlapOf(view.text, unsaid(), run, share)
    if (leak === undefined) return undefined
    return {
      rule: 'output.leak',
      span: view.toOriginal({ start: leak.start, end: leak.end }),
      view: view.name,
      why: leak.why,
      replacement: '[system prompt]',
    }
  }
  return ({ views }) => {
    for (const view of views) {
      const finding = find(view)
      if (finding !== undefined) return { findings: [finding], suspicion: 1 }
    }
    return nothing
  }
}

interface Overlap {
  readonly start: number
  readonly end: number
  readonly why: string
}

/** Undefined where the text has too little of the prompt. */
function overlapOf(
  text: string,
  prompt: ReadonlySet<number>,
  run: number,
  share: number,
): Overlap | undefined {
  if (prompt.size < minGroups / 2) return undefined
  const words = wordsOf(text)
  const groups = groupsOf(words)
  const common = new Set<number>()
  let [first, last] = [-1, -1]
  /** Of the groups that follow one another: their first, and the weight of their words. */
  let [from, weight] = [-1, 0]
  for (const [at, group] of groups.entries()) {
    if (!prompt.has(group)) {
      from = -1
      continue
    }
    common.add(group)
    if (first < 0) first = at
    last = at
    if (from < 0) {
      from = at
      weight = 0
      for (let k = at; k < at + groupLength; k += 1) weight += words.weights[k]!
    } else weight += words.weights[at + groupLength - 1]!
    if (weight >= run)
      return {
        start: words.starts[from]!,
        end: words.ends[at + groupLength - 1]!,
        why: `repeats ${Math.round(weight)} words of the system prompt in a row`,
      }
  }
  const could = Math.min(prompt.size, groups.length)
  if (common.size < minGroups || common.size < share * could) return undefined
  return {
    start: words.starts[first]!,
    end: words.ends[last + groupLength - 1]!,
    why: `repeats ${Math.round((100 * common.size) / prompt.size)} % of the system prompt`,
  }
}

/** Of all prompts together; what is kept of them takes a dozen times as many bytes. */
const maxCharacters = 4 * 1024 * 1024
/** The same prompt comes with every request of an application. The one that came longest ago stands first. */
const known = new Map<string, ReadonlySet<number>>()
let knownCharacters = 0
/** Short ones cost something, too. */
const costOf = ({ length }: string): number => length + 1024

function promptGroups(text: string): ReadonlySet<number> {
  const found = known.get(text) ?? new Set(unquoted(text).flatMap((part) => groupsOf(wordsOf(part))))
  if (!known.delete(text)) knownCharacters += costOf(text)
  known.set(text, found)
  for (const oldest of known.keys()) {
    if (knownCharacters <= maxCharacters) break
    known.delete(oldest)
    knownCharacters -= costOf(oldest)
  }
  return found
}

/** Apostrophes are too many things to be quotation marks; where these do not pair, all of it counts. */
function unquoted(text: string): readonly string[] {
  const parts = text.split(/["“”„«»「」『』]/)
  return parts.length % 2 === 1 ? parts.filter((_, at) => at % 2 === 0) : [text]
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
