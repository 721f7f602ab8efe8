/**
 * The tokenizer of any published model, read from its tokenizer.json and run by `@huggingface/tokenizers`. What steers a model
 * is found here and never by that library, which is only given ordinary text. Post-processors (which add BOS) are not run:
 * what to put around a text is the chat template's business. `Tokenizer` is faster where it can stand for the same file.
 */

import { isHadalError, messageOf } from '@hadal/base'
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import { type AddedToken, isControl, readAddedTokens } from './added-tokens.ts'
import { readSpelling } from './byte-alphabet.ts'
import { invalidSpecialToken, invalidTokenId, tokenizerFileInvalid, tokenizerUnsupported } from './errors.ts'
import { type Json, object, steps } from './file-shape.ts'
import { ownCopy } from './pre-tokenizer.ts'
import { largestTokenId, type PublishedModel, publishedModel } from './published-model.ts'
import { continued, type TextSteps, textSteps } from './published-steps.ts'
import { anyOf, type EncodeOptions } from './tokenizer.ts'

/** The part of the library used here; its own types need a different module resolution than this package's. */
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[] }
  readonly model: { clear_cache?(): void }
}

const utf8 = new TextEncoder()
const maxCharactersCached = 2 ** 24

/** Decoders that strip the space before a text. */
const takesSpace = ({ type, content, start }: Json): boolean =>
  type === 'Metaspace' || (type === 'Strip' && content === ' ' && start !== 0)

/**
 * The tokenizer of a published model, from its tokenizer.json.
 *
 * @example
 * ```ts
 * import { loadTokenizer, PublishedTokenizer } from '@hadal/nn'
 *
 * const { tokenizer } = loadTokenizer('models/qwen2.5-0.5b')
 * if (tokenizer instanceof PublishedTokenizer) console.log(tokenizer.vocabSize, tokenizer.encode('Hello'))
 * ```
 */
export class PublishedTokenizer {
  /** Tokens that steer a model, by their text. */
  readonly specialTokens: ReadonlyMap<string, number>
  /** One more than the largest id. */
  readonly vocabSize: number
  readonly #bytes: ReadonlyMap<number, Uint8Array>
  readonly #controls: ReadonlyMap<number, AddedToken>
  readonly #specialPattern: RegExp | undefined
  readonly #beginsWithSpace: boolean
  readonly #stepsAfter: Readonly<Record<'nothing' | 'special' | 'text', TextSteps>>
  readonly #build: (steps: TextSteps) => Library
  readonly #libraries = new Map<TextSteps, Library>()
  #charactersCached = 0

  /**
   * Takes what `JSON.parse` made of a tokenizer.json. Throws `nn_tokenizer_file_invalid`, and `nn_tokenizer_unsupported` for
   * what neither this nor the library can do.
   */
  constructor(json: unknown) {
    const file = object(json, 'the file')
    const added = readAddedTokens(file.added_tokens)
    const controls = added.filter(isControl)
    const ordinary = added.filter((token) => !isControl(token))
    const alone = ordinary.find(({ singleWord }) => singleWord)
    if (alone !== undefined) throw tokenizerUnsupported(`the added token ${alone.content} with single_word`)
    this.specialTokens = new Map(controls.map(({ content, id }) => [content, id]))
    this.#controls = new Map(controls.map((token) => [token.id, token]))
    const model = publishedModel(file.model, (token) => this.specialTokens.has(token))
    const nothing = textSteps(file.normalizer, file.pre_tokenizer)
    const special = continued(nothing, 'special')
    this.#stepsAfter = { nothing, special, text: continued(special, 'text') }
    const decoders = steps(file.decoder, 'decoders')
    const inBytes = [...nothing.cuts, ...decoders].some(({ type }) => type === 'ByteLevel')
    this.#bytes = bytesById(model, added, inBytes)
    this.vocabSize = 1 + [...this.#bytes.keys()].reduce((most, id) => Math.max(most, id), -1)
    this.#specialPattern = controls.length === 0 ? undefined : anyOf([...this.specialTokens.keys()])
    this.#beginsWithSpace = model.kind === 'WordPiece' || decoders.some(takesSpace)
    this.#build = (textSteps) => library(model, ordinary, textSteps)
    this.#library(nothing)
  }

  /** Lone surrogates are encoded as U+FFFD. Text with no token and no bytes is dropped, as Hugging Face does. */
  encode(text: string, { allowSpecial = false, after, before }: EncodeOptions = {}): number[] {
    const ids: number[] = []
    let end = 0
    let previous = after
    const found =
      allowSpecial && this.#specialPattern !== undefined ? text.matchAll(this.#specialPattern) : []
    for (const match of found) {
      const id = this.specialTokens.get(match[0])!
      this.#encodeOrdinary(text.slice(end, match.index), previous, id, ids)
      ids.push(id)
      previous = id
      end = match.index + match[0].length
    }
    this.#encodeOrdinary(text.slice(end), previous, before, ids)
    return ids
  }

  /** Bytes that are no UTF-8 become U+FFFD; the space that `encode` put before the text is taken away. */
  decode(ids: Iterable<number>): string {
    const chunks = Array.from(ids, (id) => this.bytesOf(id))
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks))
    return this.#beginsWithSpace && text.startsWith(' ') ? text.slice(1) : text
  }

  /** The bytes of one token; they may end inside a character. */
  bytesOf(id: number): Uint8Array {
    const bytes = this.#bytes.get(id)
    if (bytes === undefined) throw invalidTokenId(id, this.vocabSize)
    return bytes
  }

  /** The id of a special token. */
  special(token: string): number {
    const id = this.specialTokens.get(token)
    if (id === undefined) throw invalidSpecialToken(token, 'is not in the vocabulary')
    return id
  }

  #encodeOrdinary(
    given: string,
    after: number | 'text' | undefined,
    before: number | undefined,
    ids: number[],
  ): void {
    let text = ownCopy(given)
    if (typeof after === 'number' && this.#controls.get(after)?.rstrip) text = text.trimStart()
    if (before !== undefined && this.#controls.get(before)?.lstrip) text = text.trimEnd()
    if (text === '') return
    const place = after === undefined ? 'nothing' : after === 'text' ? 'text' : 'special'
    const library = this.#library(this.#stepsAfter[place])
    const found = attempt('it fails on a text', () => library.encode(text, { add_special_tokens: false }))
    for (const id of found.ids) if (typeof id === 'number') ids.push(id)
    this.#forget(library, text.length)
  }

  /** The library remembers words as windows into the texts that they were cut from, which keep those alive. */
  #forget(library: Library, characters: number): void {
    this.#charactersCached += characters
    if (this.#charactersCached < maxCharactersCached) return
    this.#charactersCached = 0
    library.model.clear_cache?.()
  }

  #library(textSteps: TextSteps): Library {
    const known = this.#libraries.get(textSteps)
    if (known !== undefined) return known
    const made = attempt('', () => this.#build(textSteps))
    this.#libraries.set(textSteps, made)
    return made
  }
}

function library(
  model: PublishedModel,
  ordinary: readonly AddedToken[],
  { normalizers, cuts }: TextSteps,
): Library {
  const sequence = (key: string, all: readonly Json[]): Json | null =>
    all.length === 0 ? null : { type: 'Sequence', [key]: all }
  const added = ordinary.map(({ id, content, lstrip, rstrip, normalized }) => ({
    id,
    content,
    lstrip,
    rstrip,
    normalized,
    special: false,
    single_word: false,
  }))
  return new LibraryTokenizer(
    {
      added_tokens: added,
      normalizer: sequence('normalizers', normalizers),
      pre_tokenizer: sequence('pretokenizers', cuts),
      model: model.json,
      post_processor: null,
      decoder: null,
    },
    {},
  )
}

/** Added tokens are spelt literally; others in bytes (GPT-2's alphabet), or in text with ▁ for a space. */
function bytesById(
  model: PublishedModel,
  added: readonly AddedToken[],
  inBytes: boolean,
): Map<number, Uint8Array> {
  const all = new Map<number, Uint8Array>()
  for (const [id, token] of model.tokens) all.set(id, tokenBytes(token, model, inBytes))
  for (const { id, content } of added) {
    if (id > largestTokenId) throw tokenizerFileInvalid(`${content} has id ${id}`)
    const other = model.tokens.get(id)
    if (other !== undefined && other !== content)
      throw tokenizerFileInvalid(`${other} and ${content} have the id ${id}`)
    all.set(id, utf8.encode(content))
  }
  if (all.size === 0) throw tokenizerFileInvalid('there are no tokens')
  return all
}

function tokenBytes(
  token: string,
  { byteFallback, wordEnd, continuation }: PublishedModel,
  inBytes: boolean,
): Uint8Array {
  if (continuation !== undefined)
    return utf8.encode(token.startsWith(continuation) ? token.slice(continuation.length) : ` ${token}`)
  const byte = byteFallback ? /^<0x([0-9A-F]{2})>$/.exec(token)?.[1] : undefined
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16))
  const endsWord = wordEnd !== undefined && token.endsWith(wordEnd)
  const spelt = endsWord ? token.slice(0, -wordEnd.length) : token
  const bytes = (inBytes ? readSpelling(spelt) : undefined) ?? utf8.encode(spelt.replaceAll('▁', ' '))
  return endsWord ? Uint8Array.of(...bytes, 0x20) : bytes
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (isHadalError(thrown)) throw thrown
    const why = messageOf(thrown)
    const error =
      thrown instanceof SyntaxError
        ? tokenizerUnsupported(`a pattern that cannot be read here (${why})`)
        : tokenizerFileInvalid(what === '' ? why : `${what}: ${why}`)
    throw error.with({ cause: thrown })
  }
}
