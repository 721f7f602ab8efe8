/**
 * Reasoning as the opaque strings that two APIs hand to clients and get back: Anthropic's `signature`, OpenAI's
 * `encrypted_content`. There, they prove or hide what a closed model thought; here nothing is secret, so one of them names
 * the text by its digest, and the other carries it, for clients that keep only the string. Neither is checked.
 */

import { createHash } from 'node:crypto'

const prefix = 'hadal-reasoning-1.'

export const reasoningDigest = (text: string): string =>
  createHash('sha256').update(prefix).update(text).digest('base64')

export const packReasoning = (text: string): string => prefix + Buffer.from(text).toString('base64')

/** Undefined when it is not one of ours. */
export function unpackReasoning(packed: string | undefined): string | undefined {
  if (packed?.startsWith(prefix) !== true) return undefined
  return Buffer.from(packed.slice(prefix.length), 'base64').toString()
}
