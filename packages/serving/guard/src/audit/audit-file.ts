/** The SQLite file of an audit log: schema, writes, queries and deletion. Synchronous, so it runs in its own thread. */

import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '@hadal/base'
import type BetterSqlite from 'better-sqlite3'
import type { AuditQuery, AuditRecord, NewRecord } from './audit-record.ts'
import { guardAuditUnusable, guardSqliteMissing } from './errors.ts'

export interface Retention {
  readonly retentionMillis: number
  readonly maxRows: number
}

const version = 1
/** Retention counts from `kept_since`; `at` is the clock's reading. */
const schema = `
  create table guard_audit (
    id integer primary key autoincrement,
    at integer not null,
    kept_since integer not null,
    request_id text not null,
    key_id text,
    key_name text,
    role text not null,
    action text not null,
    layers text not null,
    digest text not null,
    record text not null
  );
  create index guard_audit_kept_since on guard_audit (kept_since);
  create index guard_audit_at on guard_audit (at);
  create index guard_audit_key on guard_audit (key_id);
  create index guard_audit_request on guard_audit (request_id);
  pragma user_version = ${version};
`
/** Only this thread blocks on other writers. */
const busyMillis = 2000
const maxRead = 10_000
/** Deletes in batches, because a deletion blocks other writers. */
const deletedAtOnce = 5000

export class AuditFile {
  readonly #file: BetterSqlite.Database

  /** Throws `guard_audit_unusable` or `guard_sqlite_missing`. */
  static async open(
    path: string,
    { readOnly = false }: { readonly readOnly?: boolean } = {},
  ): Promise<AuditFile> {
    const { default: Sqlite } = await import('better-sqlite3').catch((cause: unknown) => {
      throw guardSqliteMissing(messageOf(cause)).with({ cause })
    })
    let file: BetterSqlite.Database | undefined
    try {
      if (!readOnly) {
        mkdirSync(dirname(path), { recursive: true })
        // Readable by the owner only; SQLite's auxiliary files get the same mode.
        closeSync(openSync(path, 'a', 0o600))
      }
      file = new Sqlite(path, { timeout: busyMillis, readonly: readOnly, fileMustExist: readOnly })
      if (!readOnly) prepare(file)
      else if (versionOf(file) !== version)
        throw new Error(`it is of version ${versionOf(file)}, not ${version}`)
      return new AuditFile(file)
    } catch (cause) {
      file?.close()
      throw guardAuditUnusable(path, messageOf(cause)).with({ cause })
    }
  }

  private constructor(file: BetterSqlite.Database) {
    this.#file = file
  }

  /** Atomic. Throws SQLite's errors. */
  write(records: readonly (NewRecord & Pick<AuditRecord, 'digest'>)[]): void {
    const insert = this.#file.prepare(
      `insert into guard_audit (at, kept_since, request_id, key_id, key_name, role, action, layers, digest, record)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#file
      .transaction(() => {
        for (const { at, requestId, key, role, action, digest, ...rest } of records) {
          const layers = `,${[...new Set(rest.findings.map(({ layer }) => layer))].join(',')},`
          const values = [at, at, requestId, key?.id ?? null, key?.name ?? null, role, action, layers, digest]
          insert.run(...values, JSON.stringify(rest))
        }
      })
      .immediate()
  }

  /** Newest first, in insertion order regardless of clocks. */
  read({
    since,
    until,
    action,
    key,
    role,
    layer,
    requestId,
    before,
    limit = 100,
  }: AuditQuery): AuditRecord[] {
    const filters: [sql: string, ...values: unknown[]][] = []
    if (since !== undefined) filters.push(['at >= ?', since])
    if (until !== undefined) filters.push(['at < ?', until])
    if (action !== undefined) filters.push(['action = ?', action])
    if (key !== undefined) filters.push(['(key_id = ? or key_name = ?)', key, key])
    if (role !== undefined) filters.push(['role = ?', role])
    if (layer !== undefined) filters.push(['instr(layers, ?) > 0', `,${layer},`])
    if (requestId !== undefined) filters.push(['request_id = ?', requestId])
    if (before !== undefined) filters.push(['id < ?', before])
    const where = filters.length === 0 ? '' : `where ${filters.map(([sql]) => sql).join(' and ')}`
    const rows = this.#file
      .prepare(`select * from guard_audit ${where} order by id desc limit ?`)
      .all(...filters.flatMap(([, ...values]) => values), Math.min(limit, maxRead))
    return (rows as Row[]).map(recordOfRow)
  }

  /** Deletes expired records and the oldest beyond the maximum. Records from the future, written with a wrong clock, age from now on. */
  prune(now: number, { retentionMillis, maxRows }: Retention): void {
    this.#file.prepare('update guard_audit set kept_since = ? where kept_since > ?').run(now, now)
    const tooOld = this.#file.prepare(
      `delete from guard_audit where id in (select id from guard_audit where kept_since < ? limit ${deletedAtOnce})`,
    )
    while (tooOld.run(now - retentionMillis).changes === deletedAtOnce);
    const tooMany = this.#file.prepare(
      `delete from guard_audit where id in
         (select id from guard_audit where id <= (select max(id) from guard_audit) - ? limit ${deletedAtOnce})`,
    )
    while (tooMany.run(maxRows).changes === deletedAtOnce);
  }

  close(): void {
    this.#file.close()
  }
}

interface Row {
  readonly id: number
  readonly at: number
  readonly request_id: string
  readonly key_id: string | null
  readonly key_name: string | null
  readonly role: AuditRecord['role']
  readonly action: AuditRecord['action']
  readonly digest: string
  readonly record: string
}

function recordOfRow({
  id,
  at,
  request_id,
  key_id,
  key_name,
  role,
  action,
  digest,
  record,
}: Row): AuditRecord {
  const key = key_id === null ? undefined : { id: key_id, name: key_name ?? key_id }
  return { id, at, requestId: request_id, ...(key && { key }), role, action, digest, ...JSON.parse(record) }
}

const versionOf = (file: BetterSqlite.Database): number =>
  file.pragma('user_version', { simple: true }) as number

function prepare(file: BetterSqlite.Database): void {
  file.pragma('journal_mode = WAL')
  // Commits survive a process crash; a power failure may lose the latest ones.
  file.pragma('synchronous = NORMAL')
  // Overwrites deleted content in the file.
  file.pragma('secure_delete = ON')
  const found = versionOf(file)
  if (found > version) throw new Error(`it is of version ${found}, and this Hadal knows ${version}`)
  if (found === version) return
  file
    .transaction(() => {
      // Another process may have created it.
      if (versionOf(file) === 0) file.exec(schema)
    })
    .immediate()
}
