import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hadal/base'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defaultJournalDir } from '../default-journal-dir.ts'
import { openDatabase, shownDatabase } from './open-database.ts'
import { migrations } from './schema.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-database-'))
})
afterEach(() => {
  vi.doUnmock('better-sqlite3')
  rmSync(folder, { recursive: true })
})
const open = (database: string, mustExist = false) =>
  openDatabase({ database, clock: systemClock, logger: silentLogger, mustExist })

it('the usage journal lies next to the database file, or else in the state directory', () => {
  expect(defaultJournalDir('/data/a.sqlite')).toBe('/data/a.sqlite.usage')
  expect(defaultJournalDir('postgres://h/n', { XDG_STATE_HOME: '/state' })).toBe('/state/hadal/usage')
})

describe('a database', () => {
  it('is made with its folder, and opened again with what is in it', async () => {
    const path = join(folder, 'deep', 'accounts.sqlite')
    const first = await open(path)
    const { version } = await first.db.selectFrom('hadal_schema').select('version').executeTakeFirstOrThrow()
    expect(version).toBe(migrations.length)
    for (const name of readdirSync(join(folder, 'deep')))
      expect(statSync(join(folder, 'deep', name)).mode & 0o077).toBe(0)
    await first.close()
    await (await open(path, true)).close()
  })

  it('is brought up to date by one of those that open it at once', async () => {
    const path = join(folder, 'accounts.sqlite')
    const all = await Promise.all(Array.from({ length: 4 }, () => open(path)))
    for (const each of all) await each.close()
  })

  it('of a newer version is left alone', async () => {
    const path = join(folder, 'accounts.sqlite')
    const first = await open(path)
    await first.db.updateTable('hadal_schema').set({ version: 99 }).execute()
    await first.close()
    await expect(open(path)).rejects.toMatchObject({
      code: 'database_unusable',
      message: expect.stringContaining('of version 99'),
    })
  })

  it('that is not there is not made where it must be there', async () => {
    await expect(open(join(folder, 'gone.sqlite'), true)).rejects.toMatchObject({ code: 'database_unusable' })
  })

  it('in a file says what to install where the package for files is missing', async () => {
    vi.doMock('better-sqlite3', () => {
      throw new Error('no such package')
    })
    await expect(open(join(folder, 'accounts.sqlite'))).rejects.toMatchObject({
      code: 'sqlite_missing',
      help: expect.stringContaining('npm install better-sqlite3'),
    })
  })

  it('that does not answer is shown without its password', async () => {
    const failing = open('postgres://blue:secret@127.0.0.1:1/accounts?password=other')
    await expect(failing).rejects.toMatchObject({ code: 'database_unusable' })
    const { message } = (await failing.catch((error: Error) => error as Error & { message: string })) as Error
    expect(message).toContain('postgres://blue@127.0.0.1:1/accounts')
    expect(message).not.toMatch(/secret|other/)
    expect(shownDatabase('postgresql://u@h/n')).toBe('postgresql://u@h/n')
    expect(shownDatabase('/a/b@c.sqlite')).toBe('/a/b@c.sqlite')
  })
})
