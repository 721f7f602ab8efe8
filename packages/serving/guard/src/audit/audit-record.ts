/** Records and queries of the audit log. Pure. */

import { createHash, createHmac } from 'node:crypto'
import type { Layer, Role } from '../check.ts'
import { redact } from '../rules/redact.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'

export interface AuditEntry {
  readonly requestId: string
  /** Absent if no key was required. */
  readonly key?: { readonly id: string; readonly name: string } | undefined
  readonly verdict: Verdict
  /** The original text. */
  readonly text: string
  /** The response the caller got: `content_filter` or an error code. */
  readonly answered?: string | undefined
}

export interface AuditRecord extends Pick<Verdict, 'action' | 'role' | 'language' | 'isNearMiss' | 'micros'> {
  /** Increasing within a file. */
  readonly id: number
  /** Unix milliseconds by the machine's clock. */
  readonly at: number
  readonly requestId: string
  readonly key?: { readonly id: string; readonly name: string }
  readonly answered?: string
  /** Most severe first; at most 32. */
  readonly findings: readonly Omit<VerdictFinding, 'replacement'>[]
  readonly findingCount: number
  readonly suspicion: Readonly<Record<string, number>>
  readonly abstained: Readonly<Record<string, string>>
  readonly failed: Readonly<Record<string, string>>
  /** Milliseconds by layer. */
  readonly timings: Readonly<Record<string, number>>
  /** Text length in UTF-16 units. */
  readonly characters: number
  /** Hex digest of the text: HMAC-SHA-256 if the audit log has a key, otherwise SHA-256. */
  readonly digest: string
  /** Text around the first finding with personal data and secrets replaced; only if excerpts are enabled. */
  readonly excerpt?: string
}

export interface AuditQuery {
  /** Unix milliseconds; `since` is inclusive, `until` exclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly action?: AuditRecord['action'] | undefined
  /** Id or name. */
  readonly key?: string | undefined
  readonly role?: Role | undefined
  /** Matches records with a finding of this layer. */
  readonly layer?: Layer | undefined
  readonly requestId?: string | undefined
  /** Only records with a lower id, for paging. */
  readonly before?: number | undefined
  /** Absent: 100. At most 10,000. */
  readonly limit?: number | undefined
}

/** A record without the fields added by the file and its thread. */
export type NewRecord = Omit<AuditRecord, 'id' | 'digest'>

const maxFindings = 32

/** `at`: Unix milliseconds. */
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
 * HMAC-SHA-256 with a key, otherwise SHA-256; hexadecimal.
 *
 * @internal
 */
export function digestOf(text: string, key: string | undefined): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  return hash.update(text).digest('hex')
}

/** Labelled replacements are applied; cut-only findings stay in, because reviewers need to see them. */
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
