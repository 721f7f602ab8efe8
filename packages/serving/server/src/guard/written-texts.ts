/**
 * The texts of a request's body with the role of whoever wrote them, in any dialect: read to be screened, and the same walk
 * again to put others in their place. Pure.
 */

import type { Role } from '@hadal/guard'
import { invalidRequest } from '../errors.ts'
import { BodyWalk, describedGroup } from './body-walk.ts'

export interface WrittenText {
  readonly role: Role
  readonly text: string
  /** Texts of one group stand one after another in the prompt: what is split over them is one text to a model. */
  readonly group: number
}

export interface WrittenTexts {
  readonly texts: readonly WrittenText[]
  /** Some of the prompt is given as tokens. */
  readonly hasTokens: boolean
}

/** Throws `invalid_request` for what is nested deeper than any dialect's, or has more texts. */
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

/** A copy with other texts: as many as `writtenTexts` found, in that order. */
export function withTexts(body: unknown, texts: readonly string[]): unknown {
  let next = 0
  return new BodyWalk((text) => {
    if (!saysSomething(text)) return text
    next += 1
    return texts[next - 1] ?? text
  }).body(body)
}

/** A copy in which `change` was made to the last text of the system's; the same body where it has none. */
export function withSystemText(body: unknown, change: (text: string) => string): unknown {
  const { texts } = writtenTexts(body)
  // Descriptions of tools come after what is said.
  const last = texts.findLastIndex(({ role, group }) => role === 'system' && group !== describedGroup)
  if (last < 0) return body
  return withTexts(
    body,
    texts.map(({ text }, at) => (at === last ? change(text) : text)),
  )
}

const saysSomething = (text: string): boolean => /\S/.test(text)

/** Dialects take no body with more values than that; each text costs a guard some time, however short it is. */
const maxTexts = 32_768
const tooMany = (): Error => invalidRequest([{ param: '', message: `must hold at most ${maxTexts} texts` }])
