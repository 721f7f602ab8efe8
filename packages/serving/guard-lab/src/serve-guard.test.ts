import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogFields } from '@hadal/base'
import type { PolicyAsWritten } from '@hadal/guard'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openServeGuard } from './serve-guard.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-serve-guard-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const warned: string[] = []
const logger = {
  debug() {},
  info() {},
  warn: (message: string, _?: LogFields) => void warned.push(message),
  error() {},
}
/** Without checks that need weights. */
const policy = (pattern: string, more: object = {}): PolicyAsWritten => ({
  checks: { classifier: 'off', similarity: 'off', perplexity: 'off' },
  patterns: [{ name: 'word', pattern }],
  ...more,
})

it('is nothing where it is off, another policy where that changes, and nothing again', async () => {
  await using served = await openServeGuard('off', folder, logger)
  expect(served.guarding).toBeUndefined()
  const guarding = await served.change(policy('plum'))
  expect(served.guarding).toBe(guarding)
  const requested = { role: 'user' as const }
  expect((await guarding!.guard.screen('a plum', requested)).action).toBe('block')
  await served.change(policy('pear'))
  expect((await guarding!.guard.screen('a plum', requested)).action).toBe('allow')
  expect((await guarding!.guard.screen('a pear', requested)).action).toBe('block')
  await expect(served.change(policy('('))).rejects.toMatchObject({ code: expect.stringMatching(/^guard_/) })
  expect((await guarding!.guard.screen('a pear', requested)).action).toBe('block')
  expect(await served.change({ preset: 'off' })).toBeNull()
})

it('keeps its audit in the folder it was started in, and another one waits for a restart', async () => {
  const audit = { file: 'guard.sqlite', retentionMillis: 1000 }
  await using served = await openServeGuard(policy('plum', { audit }), folder, logger)
  expect(existsSync(join(folder, 'guard.sqlite'))).toBe(true)
  const { guard, audit: kept } = served.guarding!
  const verdict = await guard.screen('a plum', { role: 'user' })
  kept!.write({ requestId: 'r', verdict, text: 'a plum' })
  expect(await kept!.read({ requestId: 'r' })).toMatchObject([{ requestId: 'r', action: 'block' }])
  await served.change(policy('plum', { audit: { ...audit, file: 'other.sqlite' } }))
  expect(warned).toEqual([expect.stringContaining('restart')])
  expect(existsSync(join(folder, 'other.sqlite'))).toBe(false)
})

it('stays as it was where the audit of another policy cannot be opened', async () => {
  await using served = await openServeGuard(policy('plum'), folder, logger)
  const { guard } = served.guarding!
  writeFileSync(join(folder, 'taken'), '')
  const audit = { file: 'taken/guard.sqlite', retentionMillis: 1000 }
  await expect(served.change(policy('pear', { audit }))).rejects.toMatchObject({
    code: 'guard_audit_unusable',
  })
  expect((await guard.screen('a plum', { role: 'user' })).action).toBe('block')
  expect((await guard.screen('a pear', { role: 'user' })).action).toBe('allow')
  // The old audit file must not remain open.
  await served.change(policy('pear', { audit: { ...audit, file: 'guard.sqlite' } }))
  expect(served.guarding!.audit).toBeDefined()
})
