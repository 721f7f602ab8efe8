/**
 * What an index was taught, one JSON object on a line that is only ever added to: an attack learned, or the id of one
 * forgotten. What `append` returned from survives the process and the machine; a line that was cut short when a process was
 * killed is skipped and named.
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Language, Span } from '../check.ts'
import type { KnownAttack } from './known-attack.ts'

export interface LearnedAttack extends KnownAttack {
  readonly text: string
  readonly at: number
}

export type Addition =
  | { readonly learned: LearnedAttack }
  | { readonly forgotten: string; readonly at: number }

export interface Additions {
  readonly learned: readonly LearnedAttack[]
  readonly forgotten: ReadonlySet<string>
  /** Lines that cannot be read: `attacks.jsonl:7`. */
  readonly damaged: readonly string[]
}

/** A file that does not exist holds nothing. Throws what reading files throws. */
export function readAdditions(path: string): Additions {
  const learned = new Map<string, LearnedAttack>()
  const forgotten = new Set<string>()
  const damaged: string[] = []
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  lines.forEach((line, at) => {
    if (line.trim() === '') return
    const addition = parseAddition(line)
    if (addition === undefined) damaged.push(`${path}:${at + 1}`)
    else if ('forgotten' in addition) {
      learned.delete(addition.forgotten)
      forgotten.add(addition.forgotten)
    } else {
      forgotten.delete(addition.learned.id)
      learned.set(addition.learned.id, addition.learned)
    }
  })
  return { learned: [...learned.values()], forgotten, damaged }
}

/** Undefined for what is none. */
export function parseAddition(line: string): Addition | undefined {
  try {
    const { forgotten, id, text, language, source, label, at, leftOut } = JSON.parse(line)
    if (!Number.isFinite(at)) return undefined
    if (typeof forgotten === 'string') return { forgotten, at }
    if (![id, text, source].every((value) => typeof value === 'string') || !isLanguage(language))
      return undefined
    return {
      learned: {
        ...{ id, text, language, source, at },
        ...(typeof label === 'string' && { label }),
        ...(Array.isArray(leftOut) && { leftOut: leftOut.filter(isSpan) }),
      },
    }
  } catch {
    return undefined
  }
}

const isLanguage = (value: unknown): value is Language =>
  value === 'en' || value === 'zh' || value === 'other'

const isSpan = (value: unknown): value is Span =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value

/** In one write, then synced. Processes may add to one file at once. */
export function appendAddition(path: string, addition: Addition): void {
  const line = `${JSON.stringify('learned' in addition ? addition.learned : addition)}\n`
  const isNew = !existsSync(path)
  const file = openSync(path, 'a+', 0o600)
  try {
    const bytes = Buffer.from(endsWithinLine(file) ? `\n${line}` : line)
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (isNew) syncFolder(dirname(path))
}

function endsWithinLine(file: number): boolean {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10
}

/** A file whose name is lost in a power cut is lost as well. Where folders cannot be synced, they need not be. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch {}
}
