/** Disguise operators. Each returns another candidate, or undefined if it no longer applies. */

import { oneOf } from '../one-of.ts'
import { type Candidate, isChinese, type Word, type Wrap } from './candidate.ts'
import { fillers, frames, lookalikes, neutral, synonyms, translations } from './phrases.ts'

/** @internal */
export interface Operator {
  readonly name: string
  apply(candidate: Candidate, random: () => number): Candidate | undefined
}

/** Maximum fraction of misspelt words, and of filler words, so that the text stays readable. */
const maxMisspelt = 0.4
const maxFillers = 0.4

export const operators: readonly Operator[] = [
  onWord('synonym', ({ original }, random) => choose(synonyms[original.toLowerCase()], random)),
  onWord('translation', ({ original }, random) => choose(translations[original.toLowerCase()], random)),
  onWord('typo', misspell, maxMisspelt),
  onWord('homoglyph', ({ original }) => swapLetters(original)),
  onWord('spacing', ({ original }, random) => spaceOut(original, random)),
  onWord(
    'invisible',
    ({ original }, random) => [...original].join(oneOf(['\u200b', '\u2060', '\u00ad'], random)),
    1,
    2,
  ),
  onWord('word encoding', ({ original }, random) => encodeWord(original, random), 0.3, 2),
  { name: 'filler', apply: insertFiller },
  wrapping('spaced letters', 'spacing', () => (text) => [...text].join(' ')),
  wrapping('encoding', 'encoding', encoding),
  wrapping('frame', 'frame', (candidate, random) => {
    const { before, after } = oneOf(frames[languageOf(candidate)], random)
    return (text) => `${before}${text}${after}`
  }),
  wrapping('dilution', 'dilution', dilution),
]

const choose = (list: readonly string[] | undefined, random: () => number): string | undefined =>
  list && oneOf(list, random)

/** Applies to an unmodified word, for at most `share` of all words. */
function onWord(
  name: string,
  change: (word: Word, random: () => number) => string | undefined,
  share = 1,
  minLetters = 1,
): Operator {
  return {
    name,
    apply(candidate, random) {
      const { words } = candidate
      const all = words.filter(({ isWord, original }) => isWord && original !== '')
      const changed = all.filter(({ original, form }) => form !== original)
      if (share < 1 && changed.length >= Math.max(1, share * all.length)) return undefined
      const open = words.flatMap((word, at) => {
        if (!word.isWord || word.form !== word.original || word.original.length < minLetters) return []
        return change(word, () => 0) === undefined ? [] : [at]
      })
      if (open.length === 0) return undefined
      // Attack vocabulary first, as an attacker would choose.
      const telling = open.filter((at) => Object.hasOwn(synonyms, words[at]!.original.toLowerCase()))
      const at = oneOf(telling.length > 0 && random() < 0.8 ? telling : open, random)
      const form = change(words[at]!, random)
      if (form === undefined || form === words[at]!.original) return undefined
      return {
        ...candidate,
        words: words.with(at, { ...words[at]!, form }),
        operators: [...candidate.operators, name],
      }
    },
  }
}

function wrapping(
  name: string,
  kind: Wrap['kind'],
  make: (candidate: Candidate, random: () => number) => Wrap['apply'],
): Operator {
  return {
    name,
    apply(candidate, random) {
      const { wraps } = candidate
      // Spacing and encoding together would be unreadable.
      const taken = kind === 'spacing' || kind === 'encoding' ? ['spacing', 'encoding'] : [kind]
      if (wraps.some((wrap) => taken.includes(wrap.kind))) return undefined
      return {
        ...candidate,
        wraps: [...wraps, { kind, apply: make(candidate, random) }],
        operators: [...candidate.operators, name],
      }
    },
  }
}

function misspell({ original }: Word, random: () => number): string | undefined {
  const letters = [...original]
  if (isChinese(original))
    return letters.length < 2 ? undefined : letters.join(oneOf(['，', '·', '-'], random))
  if (letters.length < 4) return undefined
  const at = 1 + Math.floor(random() * (letters.length - 2))
  const kind = oneOf(['swap', 'drop', 'double'] as const, random)
  if (kind === 'swap') [letters[at], letters[at + 1]] = [letters[at + 1]!, letters[at]!]
  else if (kind === 'drop') letters.splice(at, 1)
  else letters.splice(at, 0, letters[at]!)
  const form = letters.join('')
  return form === original ? `${original.slice(0, at)}${original[at]}${original.slice(at)}` : form
}

function swapLetters(word: string): string | undefined {
  const swapped = [...word].map((letter) => lookalikes[letter] ?? letter).join('')
  return swapped === word ? undefined : swapped
}

function spaceOut(word: string, random: () => number): string | undefined {
  const letters = [...word]
  return letters.length < 2 ? undefined : letters.join(oneOf([' ', '-', '.', '_'], random))
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const entities = (text: string): string =>
  [...text].map((character) => `&#${character.codePointAt(0)};`).join('')
const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

const encodeWord = (word: string, random: () => number): string =>
  oneOf([base64, hex, percent, entities], random)(word)

/** With decoding instructions, without which no model would understand it. */
function encoding(candidate: Candidate, random: () => number): Wrap['apply'] {
  const zh = languageOf(candidate) === 'zh'
  const ways = { base64, hex, percent, entities, ...(!zh && { rot13 }) }
  const [name, encode] = oneOf(Object.entries(ways), random)
  return (text) =>
    zh
      ? `请先解码（${name}），再照做：${encode(text)}`
      : `Decode this (${name}) and do what it says: ${encode(text)}`
}

/** 40 to 200 irrelevant words on both sides. */
function dilution(candidate: Candidate, random: () => number): Wrap['apply'] {
  const sentences = neutral[languageOf(candidate)]
  const joint = languageOf(candidate) === 'zh' ? '' : ' '
  const some = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 7) }, () => oneOf(sentences, random)).join(joint)
  const [before, after] = [some(), some()]
  return (text) => [before, text, after].join(joint)
}

function insertFiller(candidate: Candidate, random: () => number): Candidate | undefined {
  const { words } = candidate
  const all = words.filter(({ isWord }) => isWord)
  const fillersThere = all.filter(({ original }) => original === '').length
  if (fillersThere >= maxFillers * (all.length - fillersThere)) return undefined
  const before = words.flatMap(({ isWord, original }, at) =>
    isWord && original !== '' && words[at - 1]?.original !== '' ? [at] : [],
  )
  if (before.length === 0) return undefined
  const at = oneOf(before, random)
  const language = languageOf(candidate)
  const form = `${oneOf(fillers[language], random)}${language === 'zh' ? '' : ' '}`
  return {
    ...candidate,
    words: words.toSpliced(at, 0, { original: '', form, isWord: true }),
    operators: [...candidate.operators, 'filler'],
  }
}

const languageOf = ({ words }: Candidate): 'en' | 'zh' =>
  words.some(({ original }) => isChinese(original)) ? 'zh' : 'en'
