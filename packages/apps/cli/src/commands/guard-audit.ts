/** `hadal guard audit`: lists the guard's verdicts. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseMillis } from '@hadal/base'
import { type Action, type AuditRecord, openAudit } from '@hadal/guard'
import { start, fit, guardAuditMissing, guardPlace } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, usage, visibleLength, wholeNumberFlag } from '@hadal/output'

export interface GuardAuditFlags {
  readonly file?: string
  readonly since?: string
  readonly until?: string
  readonly action?: Action | 'allow'
  readonly key?: string
  readonly layer?: string
  readonly limit: string
  readonly config?: string
  readonly json?: boolean
}

const command = 'hadal guard audit'

export async function guardAudit(
  flags: GuardAuditFlags,
  terminal: Terminal,
  nowMillis: number = Date.now(),
): Promise<number> {
  const limit = wholeNumberFlag(flags.limit, '--limit', command)
  const { action, key, layer } = flags
  const query = {
    limit,
    ...(flags.since !== undefined && { since: timeFlag(flags.since, '--since', nowMillis) }),
    ...(flags.until !== undefined && { until: timeFlag(flags.until, '--until', nowMillis) }),
    ...(action !== undefined && { action }),
    ...(key !== undefined && { key }),
    ...(layer !== undefined && { layer }),
  }
  const path = await auditPath(flags, terminal)
  if (!existsSync(path)) throw guardAuditMissing(path)
  const audit = await openAudit(path, { readOnly: true, retentionMillis: Number.POSITIVE_INFINITY })
  let records: readonly AuditRecord[]
  try {
    records = await audit.read(query)
  } finally {
    await audit.close()
  }
  if (flags.json) terminal.print(JSON.stringify(records, null, 2))
  else if (records.length === 0) terminal.print(say`no matching entries`)
  else terminal.print(auditTable(records, terminal))
  return exitCodes.success
}

/** Throws `usage` if no file is configured. */
async function auditPath({ file, config }: GuardAuditFlags, terminal: Terminal): Promise<string> {
  let named = file
  if (named === undefined) {
    const { settings } = await guardPlace({ ...(config !== undefined && { config }) }, terminal, command)
    named = settings.audit === false ? undefined : settings.audit?.file
  }
  if (named === undefined)
    throw usage(say`no audit file: set --file, or audit.file of the guard in the config file`, command)
  return resolve(terminal.folder, named)
}

/** A date, or how long ago. */
function timeFlag(text: string, flag: string, nowMillis: number): number {
  const date = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(date)) return date
  if (/^\d{4}-/.test(text)) throw usage(say`${flag}: ${JSON.stringify(text)} is not a date`, command)
  return nowMillis - parseMillis(text)
}

function auditTable(records: readonly AuditRecord[], { style, columns }: Terminal): string {
  const paint = {
    allow: style.green,
    flag: style.yellow,
    redact: style.yellow,
    reply: style.red,
    block: style.red,
  }
  const heads = [say`when`, say`action`, say`key`, say`role`, say`found by`, 'ms', say`why`].map(style.dim)
  const rows = records.map(({ at, action, role, key, findings, micros }) => {
    const first = findings[0]
    return [
      new Date(at).toISOString().slice(0, 19).replace('T', ' '),
      paint[action](action),
      key === undefined ? '' : fit(key.name, 16),
      role,
      first === undefined ? '' : `${first.rule}${first.view === 'original' ? '' : say` in ${first.view}`}`,
      (micros / 1000).toFixed(2),
    ]
  })
  const used = heads
    .slice(0, -1)
    .map((_, at) => 2 + Math.max(...[heads, ...rows].map((row) => visibleLength(row[at]!))))
    .reduce((sum, width) => sum + width, 0)
  const whys = records.map(({ findings }) => start(findings[0]?.why ?? '', Math.max(12, columns - used)))
  return formatTable(
    [heads, ...rows.map((row, at) => [...row, whys[at]!])],
    ['left', 'left', 'left', 'left', 'left', 'right', 'left'],
  )
}
