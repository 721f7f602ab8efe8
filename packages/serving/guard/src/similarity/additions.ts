/**
 * The additions to an index: an append-only file with one JSON object per line, a learned attack or the id of a forgotten one. Once
 * `append` returns, the entry is durable; a line truncated by a crash is skipped and reported.
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
  /** Unreadable lines: `attacks.jsonl:7`. */
  readonly damaged: readonly string[]
}

/** A missing file is empty. Throws file errors. */
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

/** Undefined for invalid lines. */
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

/** A single write, then fsync. Safe for concurrent processes. */
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

/** Without it, a power failure could lose the new file's directory entry. Not needed where directories cannot be synced. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch {}
}
