/**
 * Data augmentation of training texts: typos, applied to attacks and benign texts alike so that noise is no signal; attacks diluted in
 * benign text; and attacks without their most heavily weighted words, as an adversary would write them. Pure, given a random source.
 */

import { type LinearModel, visitTokens } from '@hadal/guard'
import { oneOf } from '../one-of.ts'

type Random = () => number

/** One to three small edits. */
export function noisy(text: string, random: Random): string {
  const pieces = text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu) ?? [text]
  const words = pieces.flatMap((piece, at) => (/^[\p{L}\p{N}]/u.test(piece) ? [at] : []))
  if (words.length === 0) return text
  const share = oneOf([0.03, 0.08, 0.15], random)
  const change = oneOf(changes, random)
  const changed = [...pieces]
  const times = Math.max(1, Math.round(words.length * share))
  for (let time = 0; time < times; time += 1) {
    const at = oneOf(words, random)
    changed[at] = change(pieces[at]!, random, pieces, words)
  }
  const joined = changed.join('')
  const manner = random()
  if (manner < 0.1) return joined.toUpperCase()
  if (manner < 0.2) return joined.replaceAll(/[,.;:!?，。；：！？]/gu, (sign) => (random() < 0.5 ? sign : ''))
  if (manner < 0.25) return joined.replaceAll(/ /g, () => (random() < 0.1 ? '\n' : ' '))
  return joined
}

type Change = (word: string, random: Random, pieces: readonly string[], words: readonly number[]) => string

const changes: readonly Change[] = [
  // Swap neighbours.
  (word, random) => {
    const at = Math.floor(random() * (word.length - 1))
    return word.length < 3 ? word : word.slice(0, at) + word[at + 1]! + word[at]! + word.slice(at + 2)
  },
  // Drop or double a letter.
  (word, random) => {
    const at = Math.floor(random() * word.length)
    return word.length < 3
      ? word
      : word.slice(0, at) + (random() < 0.5 ? '' : word[at]! + word[at]!) + word.slice(at + 1)
  },
  // Replace a letter.
  (word, random) => {
    const at = Math.floor(random() * word.length)
    return word.length < 3 || /\p{Script=Han}/u.test(word)
      ? word
      : word.slice(0, at) + oneOf([...'abcdefghijklmnoprstuwy*_'], random) + word.slice(at + 1)
  },
  (word) => word.toUpperCase(),
  (word) => (word.length > 1 ? '' : word),
  // Insert another word of the text.
  (word, random, pieces, words) => `${pieces[oneOf(words, random)]!} ${word}`,
  // Split a word.
  (word, random) => {
    const at = 1 + Math.floor(random() * (word.length - 1))
    return word.length < 4 ? word : `${word.slice(0, at)}${oneOf([' ', '-', '.'], random)}${word.slice(at)}`
  },
]

/** The attack, or one long passage of it, between benign texts. */
export function diluted(attack: string, before: string, after: string, random: Random): string {
  const joint = oneOf(['\n\n', '\n', ' ', ' '], random)
  return [before, passage(attack, 400, random), after].filter((part) => part !== '').join(joint)
}

/** Repeats one to four of its words: repetition must not turn benign words into an attack. */
export function repeated(text: string, random: Random): string {
  const words = text.match(/\p{Script=Han}{1,3}|(?:(?!\p{Script=Han})\S)+/gu) ?? [text]
  const from = Math.floor(random() * words.length)
  const piece = words.slice(from, from + 1 + Math.floor(random() * 4)).join(' ')
  const most = 800
  return Array(oneOf([8, 30, 100], random))
    .fill(piece)
    .join(oneOf([' ', ' ', '. ', '\n'], random))
    .slice(0, most)
}

/** A passage of at most `most` characters, cut between words. */
export function passage(text: string, most: number, random: Random): string {
  if (text.length <= most) return text
  const from = Math.floor(random() * (text.length - most))
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1
  return text.slice(start > from + 40 ? from : start, from + most)
}

/**
 * Removes the words with the highest attack weight or replaces them with benign ones. At most one word in six, so that most of the attack
 * remains.
 */
export function evading(
  text: string,
  { weights }: LinearModel,
  harmless: readonly string[],
  random: Random,
): string {
  const tokens: { start: number; end: number; weight: number; units: number }[] = []
  visitTokens(text, ({ ids, count, start, end, units }) => {
    let weight = 0
    for (let at = 0; at < count; at += 1) weight += weights[ids[at]!]!
    tokens.push({ start, end, weight, units })
  })
  const most = Math.max(1, Math.min(12, Math.floor(tokens.length / 6)))
  const gone = new Set(
    tokens
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, 1 + Math.floor(random() * most))
      .filter(({ weight }) => weight > 0),
  )
  const isReplaced = random() < 0.5 && harmless.length > 0
  return tokens
    .map((token) => {
      if (!gone.has(token)) return text.slice(token.start, token.end)
      if (!isReplaced) return token.units === 1 ? '' : ' '
      return token.units === 1 ? oneOf(harmless, random) : ` ${oneOf(harmless, random)} `
    })
    .join('')
}
