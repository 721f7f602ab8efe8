/**
 * A tokenizer as Hugging Face publishes it: tokenizer.json, and alongside it the chat template and the tokens that begin and end a
 * text.
 */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { isControl, readAddedTokens } from './added-tokens.ts'
import { tokenizerUnreadable } from './errors.ts'
import type { Json } from './file-shape.ts'
import { PublishedTokenizer } from './published-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'

export interface LoadedTokenizer {
  /** Hadal's own if it reproduces the file exactly: it is several times faster. */
  readonly tokenizer: Tokenizer | PublishedTokenizer
  /** The id that ends a text. */
  readonly endOfText: number
  /** Empty where the files name none. */
  readonly bosToken: string
  readonly eosToken: string
  /** In Jinja; absent where none is there. */
  readonly template?: string
}

/**
 * Takes a folder or a tokenizer.json. Throws `nn_tokenizer_unreadable`, `nn_tokenizer_file_invalid` and
 * `nn_tokenizer_unsupported`.
 *
 * @example
 * ```ts
 * import { loadTokenizer } from '@hadal/nn'
 *
 * const { tokenizer, endOfText, template } = loadTokenizer('models/qwen2.5-0.5b') // or a tokenizer.json
 * console.log(tokenizer.encode('Hello').length, endOfText)
 * ```
 */
export function loadTokenizer(path: string): LoadedTokenizer {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'tokenizer.json') : path
  const tokenizer = tokenizerOf(readJson(file))
  const folder = dirname(file)
  const config = {
    ...readJsonIfThere(join(folder, 'special_tokens_map.json')),
    ...readJsonIfThere(join(folder, 'tokenizer_config.json')),
  }
  const eosToken = tokenText(config.eos_token)
  const end = [eosToken, '<|endoftext|>'].find((token) => tokenizer.specialTokens.has(token))
  if (end === undefined)
    throw tokenizerUnreadable(
      file,
      'no end-of-text token: tokenizer_config.json has no eos_token that is in the vocabulary',
    )
  const template = templateOf(config.chat_template, join(folder, 'chat_template.jinja'))
  return {
    tokenizer,
    endOfText: tokenizer.special(end),
    bosToken: tokenText(config.bos_token),
    eosToken,
    ...(template !== undefined && { template }),
  }
}

/**
 * Takes what `JSON.parse` made of a tokenizer.json.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { tokenizerOf } from '@hadal/nn'
 *
 * const tokenizer = tokenizerOf(JSON.parse(readFileSync('models/qwen2.5-0.5b/tokenizer.json', 'utf8')))
 * console.log(tokenizer.encode('Hello'))
 * ```
 */
export function tokenizerOf(json: unknown): Tokenizer | PublishedTokenizer {
  return ownTokenizer(json) ?? new PublishedTokenizer(json)
}

/** Undefined where a file asks for more than `Tokenizer` can do, or has added tokens that are a part of ordinary text. */
function ownTokenizer(json: unknown): Tokenizer | undefined {
  try {
    const tokenizer = Tokenizer.fromHuggingFace(json)
    return readAddedTokens((json as Json).added_tokens).every(isControl) ? tokenizer : undefined
  } catch (thrown) {
    if (isHadalError(thrown)) return undefined
    throw thrown
  }
}

const readJsonIfThere = (path: string): Json => (existsSync(path) ? readJson(path) : {})

function readJson(path: string): Json {
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof json === 'object' && json !== null) return json as Json
  } catch (thrown) {
    throw tokenizerUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
  throw tokenizerUnreadable(path, 'it must be a JSON object')
}

/** A text, or an object with a text in it. */
function tokenText(token: unknown): string {
  const text = typeof token === 'object' && token !== null ? (token as Json).content : token
  return typeof text === 'string' ? text : ''
}

/** A separate file takes precedence over the configuration, which contains one template or several by name. */
function templateOf(named: unknown, file: string): string | undefined {
  if (existsSync(file)) return readTemplate(file)
  if (typeof named === 'string') return named
  if (!Array.isArray(named)) return undefined
  const found = (named as unknown[]).map((entry) => Object(entry) as Json)
  const template = found.find(({ name }) => name === 'default')?.template
  return typeof template === 'string' ? template : undefined
}

function readTemplate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw tokenizerUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}
