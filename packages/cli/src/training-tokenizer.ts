/** A tokenizer as Hugging Face keeps it: tokenizer.json, and beside it the chat template and the token that ends a text. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { chatTokens, Tokenizer } from '@hadal/nn'
import { tokenizerUnreadable } from './errors.ts'

export interface TrainingTokenizer {
  readonly tokenizer: Tokenizer
  /** The id that ends a text. */
  readonly endOfText: number
  readonly bosToken: string
  readonly eosToken: string
  /** In Jinja; absent where none is there. */
  readonly template?: string
}

/** Takes a folder or a tokenizer.json. Throws `tokenizer_unreadable`, and what reading a tokenizer.json throws. */
export function readTrainingTokenizer(given: string, folder: string): TrainingTokenizer {
  const path = resolve(folder, given)
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'tokenizer.json') : path
  const tokenizer = Tokenizer.fromHuggingFace(readJson(file))
  const beside = (name: string): string => join(dirname(file), name)
  const config = existsSync(beside('tokenizer_config.json')) ? readJson(beside('tokenizer_config.json')) : {}
  const eosToken = tokenText(config.eos_token)
  const end = [eosToken, chatTokens.endOfText].find((token) => tokenizer.specialTokens.has(token))
  if (end === undefined)
    throw tokenizerUnreadable(
      file,
      'no token ends a text: tokenizer_config.json names no eos_token that is in it',
    )
  const template = templateOf(config.chat_template, beside('chat_template.jinja'))
  return {
    tokenizer,
    endOfText: tokenizer.special(end),
    bosToken: tokenText(config.bos_token),
    eosToken,
    ...(template !== undefined && { template }),
  }
}

type Json = Readonly<Record<string, unknown>>

function readJson(path: string): Json {
  try {
    return Object(JSON.parse(readFileSync(path, 'utf8'))) as Json
  } catch (thrown) {
    if (isHadalError(thrown)) throw thrown
    throw tokenizerUnreadable(path, messageOf(thrown))
  }
}

/** A text, or an object with a text in it. */
function tokenText(token: unknown): string {
  const text = typeof token === 'object' && token !== null ? (token as Json).content : token
  return typeof text === 'string' ? text : ''
}

/** One template, several by name of which `default` counts, or a file of its own. */
function templateOf(named: unknown, file: string): string | undefined {
  if (typeof named === 'string') return named
  if (Array.isArray(named)) {
    const found = (named as { name?: unknown; template?: unknown }[]).find(({ name }) => name === 'default')
    if (typeof found?.template === 'string') return found.template
  }
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
