/** Texts of a request body with their authors' roles, in any dialect: extracted for screening, and replaced by the same walk. Pure. */

import type { Role } from '@hadal/guard'
import { invalidRequest } from '../errors.ts'
import { BodyWalk, describedGroup } from './body-walk.ts'

export interface WrittenText {
  readonly role: Role
  readonly text: string
  /** Texts of one group are adjacent in the prompt, so an attack may be split over them. */
  readonly group: number
}

export interface WrittenTexts {
  readonly texts: readonly WrittenText[]
  /** Part of the prompt is given as tokens. */
  readonly hasTokens: boolean
}

/** Throws `invalid_request` for excessive nesting or too many texts. */
export function writtenTexts(body: unknown): WrittenTexts {
  const texts: WrittenText[] = []
  const walk = new BodyWalk((text, role) => {
    if (!saysSomething(text)) return text
    if (texts.length === maxTexts) throw tooMany()
    texts.push({ role, text, group: walk.group })
    return text
  })
  walk.body(body)
  return { texts, hasTokens: walk.hasTokens }
}

/** A copy with replaced texts, in the order of `writtenTexts`. */
export function withTexts(body: unknown, texts: readonly string[]): unknown {
  let next = 0
  return new BodyWalk((text) => {
    if (!saysSomething(text)) return text
    next += 1
    return texts[next - 1] ?? text
  }).body(body)
}

/** A copy with `change` applied to the last system text; the same body if there is none. */
export function withSystemText(body: unknown, change: (text: string) => string): unknown {
  const { texts } = writtenTexts(body)
  // Tool descriptions follow the messages.
  const last = texts.findLastIndex(({ role, group }) => role === 'system' && group !== describedGroup)
  if (last < 0) return body
  return withTexts(
    body,
    texts.map(({ text }, at) => (at === last ? change(text) : text)),
  )
}

const saysSomething = (text: string): boolean => /\S/.test(text)

/** Dialects reject larger bodies anyway; each text has a fixed screening cost. */
const maxTexts = 32_768
const tooMany = (): Error => invalidRequest([{ param: '', message: `must hold at most ${maxTexts} texts` }])
