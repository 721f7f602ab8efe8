/** Parses the contents of a tokenizer.json; errors name the value of the wrong type. */

import { isPlainObject } from '@hadal/base'
import { tokenizerFileInvalid } from './errors.ts'

export type Json = Readonly<Record<string, unknown>>

export function object(value: unknown, what: string): Json {
  if (isPlainObject(value)) return value as Json
  throw tokenizerFileInvalid(`${what} is not an object`)
}

export function array(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw tokenizerFileInvalid(`${what} is not a list`)
}

export function string(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw tokenizerFileInvalid(`${what} is not a string`)
}

export function tokenId(value: unknown, token: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw tokenizerFileInvalid(`the id of ${shown(token)} is ${shown(value)}`)
}

/** Whatever a file may say: not even every object is a text. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : String(JSON.stringify(value))

/** A step, a Sequence of steps (in one another), or null, as a list. */
export function steps(
  step: unknown,
  key: 'pretokenizers' | 'normalizers' | 'decoders',
  depth: number = 0,
): Json[] {
  if (step === null || step === undefined) return []
  if (depth > deepest) throw tokenizerFileInvalid(`${key} are nested more than ${deepest} deep`)
  const { type, [key]: inner } = object(step, key)
  return type === 'Sequence'
    ? array(inner, key).flatMap((each) => steps(each, key, depth + 1))
    : [step as Json]
}

const deepest = 32
