/**
 * Detects output that repeats the system prompt, by word n-grams in common, in every view: also as base64, leetspeak or spelled out. A few
 * quoted words, the user's own words, and text the prompt puts in quotation marks do not count. Pure, except for a cache of prompts.
 */

import { type Check, type Finding, nothing, type View } from '../check.ts'
import { groupLength, groupsOf, wordsOf } from './words.ts'

export interface LeakOptions {
  /** Minimum run of consecutive prompt words that is a leak; in scripts without spaces, three characters count as two words. */
  readonly run?: number
  /** Minimum fraction, 0 to 1, that is a leak: of the prompt's n-grams, or of the output's if there are fewer. */
  readonly share?: number
}

export const leakDefaults: Required<LeakOptions> = { run: 16, share: 0.5 }

/** Fewer common n-grams count as a quotation, however short the prompt. */
const minGroups = 12

/**
 * `said`: the user's texts, which the output may repeat.
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
    // User texts are compared only after a match, which is rare, because conversations are long.
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

/** Undefined if the text contains too little of the prompt. */
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
  /** The current run of consecutive n-grams: its start and word weight. */
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

/** Total characters of cached prompts; their n-grams take about twelve times as many bytes. */
const maxCharacters = 4 * 1024 * 1024
/** Cache of prompts, which applications send with every request, in LRU order. */
const known = new Map<string, ReadonlySet<number>>()
let knownCharacters = 0
/** Includes a fixed cost per prompt. */
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

/** Apostrophes are too ambiguous to treat as quotation marks; unpaired marks are ignored. */
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
