import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { LogFile } from './log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-log-'))
const path = join(folder, 'log')
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
  rmSync(path, { force: true })
})

/** Writes half of its data, then fails. */
function failWriting(code: string): void {
  const write = fs.writeSync as (file: number, bytes: Uint8Array, at?: number, length?: number) => number
  let calls = 0
  vi.spyOn(fs, 'writeSync').mockImplementation(((file: number, bytes: Uint8Array) => {
    calls += 1
    if (calls % 2 === 1) return write(file, bytes, 0, bytes.length >> 1)
    throw Object.assign(new Error(`${code}: injected`), { code })
  }) as typeof fs.writeSync)
  syncBuiltinESMExports()
}

function heal(): void {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}

it('keeps whole records and their order when the disk is full for a while', () => {
  const log = new LogFile(path)
  log.append('one\n')
  failWriting('ENOSPC')
  log.append('two\n')
  log.append(Buffer.from('three\n'))
  expect(readFileSync(path, 'utf8')).toBe('one\n')
  heal()
  log.append('four\n')
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\nfour\n')
})

it('does not hide what is no full disk, and leaves no part of a record', () => {
  const log = new LogFile(path)
  log.append('one\n')
  failWriting('EIO')
  expect(() => log.append('two\n')).toThrow(expect.objectContaining({ code: 'EIO' }))
  expect(readFileSync(path, 'utf8')).toBe('one\n')
})
