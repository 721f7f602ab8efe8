/** What an audit keeps of a verdict, and what of it may be asked for. Pure; knows no file. */

import { createHash, createHmac } from 'node:crypto'
import type { Layer, Role } from '../check.ts'
import { redact } from '../rules/redact.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'

export interface AuditEntry {
  readonly requestId: string
  /** Absent where nobody had to name one. */
  readonly key?: { readonly id: string; readonly name: string } | undefined
  readonly verdict: Verdict
  /** What the verdict is about, as it came. */
  readonly text: string
  /** What the caller got: `content_filter`, an error’s code. */
  readonly answered?: string | undefined
}

export interface AuditRecord extends Pick<Verdict, 'action' | 'role' | 'language' | 'isNearMiss' | 'micros'> {
  /** Rises with every record of a file. */
  readonly id: number
  /** Milliseconds since 1970, by the clock of the machine at that time. */
  readonly at: number
  readonly requestId: string
  readonly key?: { readonly id: string; readonly name: string }
  readonly answered?: string
  /** The severest; at most 32. */
  readonly findings: readonly Omit<VerdictFinding, 'replacement'>[]
  readonly findingCount: number
  readonly suspicion: Readonly<Record<string, number>>
  readonly abstained: Readonly<Record<string, string>>
  readonly failed: Readonly<Record<string, string>>
  /** By layer. */
  readonly timings: Readonly<Record<string, number>>
  /** Length of the text, in UTF-16 units. */
  readonly characters: number
  /** Of the text, in hexadecimal: HMAC-SHA-256 where the audit has a key, else SHA-256. Equal texts have equal ones. */
  readonly digest: string
  /** Around the first finding, personal data and secrets replaced; only where the audit keeps excerpts. */
  readonly excerpt?: string
}

export interface AuditQuery {
  /** Milliseconds since 1970, the first included, the second not. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly action?: AuditRecord['action'] | undefined
  /** Id or name. */
  readonly key?: string | undefined
  readonly role?: Role | undefined
  /** Of any finding. */
  readonly layer?: Layer | undefined
  readonly requestId?: string | undefined
  /** Only records with a lower id: the next page. */
  readonly before?: number | undefined
  /** Absent: 100. At most 10,000. */
  readonly limit?: number | undefined
}

/** A record but for what the file and the thread that writes it add. */
export type NewRecord = Omit<AuditRecord, 'id' | 'digest'>

const maxFindings = 32

/** `at`: milliseconds since 1970. */
export function recordOf(entry: AuditEntry, at: number, excerptCharacters: number): NewRecord {
  const { requestId, key, verdict, text, answered } = entry
  const { action, role, language, isNearMiss, micros, suspicion, abstained, failed } = verdict
  const timings: Record<string, number> = {}
  for (const { layer, micros } of verdict.timings) timings[layer] = (timings[layer] ?? 0) + micros
  return {
    at,
    requestId,
    ...(key && { key: { id: key.id, name: key.name } }),
    ...(answered !== undefined && { answered }),
    ...{ action, role, language, isNearMiss, micros, suspicion, abstained, failed, timings },
    findings: verdict.findings.slice(0, maxFindings).map(({ replacement: _, ...finding }) => finding),
    findingCount: verdict.findings.length,
    characters: text.length,
    ...(excerptCharacters > 0 && { excerpt: excerptOf(entry, excerptCharacters) }),
  }
}

/**
 * With a key HMAC-SHA-256, else SHA-256; in hexadecimal.
 *
 * @internal
 */
export function digestOf(text: string, key: string | undefined): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  return hash.update(text).digest('hex')
}

/** What a rule puts a name in the place of is nothing to keep; what it would cut out is what somebody looks for. */
function excerptOf({ text, verdict }: AuditEntry, characters: number): string {
  const first = verdict.findings[0]?.span.start ?? 0
  const start = Math.max(0, Math.min(first - Math.floor(characters / 4), text.length - characters))
  const within = verdict.findings
    .filter(
      ({ replacement, span }) => Boolean(replacement) && span.end > start && span.start < start + characters,
    )
    .map((finding) => ({
      ...finding,
      span: {
        start: Math.max(0, finding.span.start - start),
        end: Math.min(characters, finding.span.end - start),
      },
    }))
  return redact(text.slice(start, start + characters), within).slice(0, characters)
}
