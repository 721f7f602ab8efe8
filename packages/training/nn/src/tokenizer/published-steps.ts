/**
 * The normalizers and pre-tokenizers of a tokenizer.json, said so that `@huggingface/tokenizers` runs them as Hugging Face's own
 * implementation does: it knows fewer ways to split, cuts digits and words in ASCII, and leaves words together that Metaspace
 * parts. What cannot be said so is refused.
 */

import { tokenizerFileInvalid, tokenizerUnsupported } from './errors.ts'
import { type Json, object, shown, steps, string } from './file-shape.ts'
import { gpt2Pattern } from './pre-tokenizer.ts'

export interface TextSteps {
  readonly normalizers: readonly Json[]
  readonly cuts: readonly Json[]
}

/** Throws `nn_tokenizer_unsupported` and `nn_tokenizer_file_invalid`. */
export function textSteps(normalizer: unknown, preTokenizer: unknown): TextSteps {
  return {
    normalizers: steps(normalizer, 'normalizers').map(exactNormalizer),
    cuts: steps(preTokenizer, 'pretokenizers').flatMap(exactCuts),
  }
}

/**
 * The steps for a text that continues after a special token or other text: without the space that some steps prepend. Returns the
 * same object if they prepend none.
 */
export function continued(all: TextSteps, after: 'special' | 'text'): TextSteps {
  const inText = after === 'text'
  const normalizers = inText ? all.normalizers.filter(({ type }) => type !== 'Prepend') : all.normalizers
  const cuts = all.cuts.map((step) => {
    const { type, prepend_scheme: scheme, add_prefix_space: space } = step
    if (type === 'Metaspace' && (scheme === 'first' || (inText && scheme === 'always')))
      return { ...step, prepend_scheme: 'never' }
    return type === 'ByteLevel' && inText && space === true ? { ...step, add_prefix_space: false } : step
  })
  const same =
    normalizers.length === all.normalizers.length && cuts.every((step, index) => step === all.cuts[index])
  return same ? all : { normalizers, cuts }
}

const plainNormalizers: ReadonlySet<unknown> = new Set(
  'NFC NFD NFKC NFKD Strip StripAccents Lowercase BertNormalizer Precompiled'.split(' '),
)

function exactNormalizer(step: Json): Json {
  const { type } = step
  if (plainNormalizers.has(type)) return step
  if (type === 'Prepend') return { type, prepend: string(step.prepend, 'what a Prepend puts before a text') }
  if (type !== 'Replace') throw tokenizerUnsupported(`the normalizer ${shown(type)}`)
  // An unescaped `$` would refer to a capture group.
  const content = string(step.content, 'the content of a Replace').replaceAll('$', '$$$$')
  return { type, pattern: { Regex: patternSource(step) }, content }
}

function exactCuts(step: Json): readonly Json[] {
  const { type } = step
  switch (type) {
    case 'BertPreTokenizer':
    case 'WhitespaceSplit':
      return [step]
    case 'ByteLevel':
      return byteLevelCuts(step)
    case 'Metaspace':
      return metaspaceCuts(step)
    case 'Split':
      return [split(patternSource(step), step.behavior, step.invert === true)]
    case 'Digits':
      return [split(step.individual_digits === true ? '\\p{N}' : '\\p{N}+')]
    case 'Punctuation':
      return [split(punctuation, step.behavior)]
    case 'Whitespace':
      return [split('\\w+|[^\\w\\s]+', 'Removed', true)]
    case 'CharDelimiterSplit':
      return [split(escaped(string(step.delimiter, 'a delimiter')), 'Removed')]
    default:
      throw tokenizerUnsupported(`the pre-tokenizer ${shown(type)}`)
  }
}

const punctuation = '[\\p{P}\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E]'

function byteLevelCuts({ add_prefix_space: space, use_regex: cuts }: Json): Json[] {
  const bytes = { type: 'ByteLevel', add_prefix_space: space === true, use_regex: false }
  if (cuts === false) return [bytes]
  return space === true ? [{ ...bytes, use_regex: true }] : [split(gpt2Pattern), bytes]
}

/** Older files have `add_prefix_space`; words are split unless a file disables it. */
function metaspaceCuts(step: Json): Json[] {
  const { replacement = '▁', add_prefix_space: space, prepend_scheme: scheme } = step
  const mark = string(replacement, 'the replacement of Metaspace')
  const prepend = scheme ?? (space === false ? 'never' : 'always')
  if (!['always', 'first', 'never'].includes(prepend as string))
    throw tokenizerUnsupported(`the prepend_scheme ${shown(prepend)}`)
  const marked = { type: 'Metaspace', replacement: mark, prepend_scheme: prepend }
  return step.split === false ? [marked] : [marked, split(escaped(mark), 'MergedWithNext')]
}

function split(found: string, behavior: unknown = 'Isolated', invert: boolean = false): Json {
  const isolated = (regex: string): Json => ({
    type: 'Split',
    pattern: { Regex: regex },
    behavior: 'Isolated',
    invert: false,
  })
  const other = `(?:(?!${found})[\\s\\S])*`
  switch (behavior) {
    case 'Isolated':
      return isolated(found)
    case 'Contiguous':
      return isolated(`(?:${found})+`)
    case 'Removed':
      // The groups of a pattern would come out as pieces.
      if (!invert && /\((?!\?)/.test(found)) throw tokenizerUnsupported(`a Removed split by groups, ${found}`)
      return { ...isolated(found), behavior, invert }
    case 'MergedWithPrevious':
    case 'MergedWithNext':
      if (invert) throw tokenizerUnsupported(`an inverted split ${behavior}`)
      return isolated(behavior === 'MergedWithNext' ? `(?:${found})${other}` : `${other}(?:${found})`)
    default:
      throw tokenizerUnsupported(`the split behaviour ${shown(behavior)}`)
  }
}

function patternSource({ type, pattern }: Json): string {
  const { Regex: regex, String: text } = object(pattern, `the pattern of a ${type}`)
  if (typeof regex === 'string') return regex
  if (typeof text === 'string' && text !== '') return escaped(text)
  throw tokenizerFileInvalid(`the pattern of a ${type} is neither a Regex nor a String`)
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
