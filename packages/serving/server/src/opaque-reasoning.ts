/**
 * Opaque reasoning strings of two APIs: Anthropic's `signature` and OpenAI's `encrypted_content`. There they authenticate or encrypt a
 * closed model's reasoning; here nothing is secret, so one holds the text's digest and the other the text itself, for clients that keep
 * only the string. Neither is verified.
 */

import { createHash } from 'node:crypto'

const prefix = 'hadal-reasoning-1.'

export const reasoningDigest = (text: string): string =>
  createHash('sha256').update(prefix).update(text).digest('base64')

export const packReasoning = (text: string): string => prefix + Buffer.from(text).toString('base64')

/** Undefined for strings not created here. */
export function unpackReasoning(packed: string | undefined): string | undefined {
  if (packed?.startsWith(prefix) !== true) return undefined
  return Buffer.from(packed.slice(prefix.length), 'base64').toString()
}
