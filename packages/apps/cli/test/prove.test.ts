/** `hadal prove` over processes: failures of a claim become a report row, and finished results are kept. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Terminal } from '@hadal/output'
import type { ProveReport } from '@hadal/prove'
import { loadClaims, measureClaim } from '@hadal/prove'
import { afterAll, describe, expect, it } from 'vitest'
import { type ProveFlags, prove } from '../src/commands/prove.ts'
import { recordingTerminal } from './recording-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'prove-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const tinyClaims = fileURLToPath(new URL('tiny-claims.ts', import.meta.url))
const given: ProveFlags = { claims: tinyClaims, seed: '7' }
const { PATH, LIBTORCH } = process.env
const env = { PATH, LIBTORCH }

function run(
  flags: Partial<ProveFlags>,
  ids: string,
  stop = new AbortController(),
  more: Partial<Terminal> = {},
) {
  const terminal = recordingTerminal({ env, ...more })
  const signals = { first: stop.signal, [Symbol.dispose]() {} }
  const code = prove([], { ...given, only: ids, ...flags }, terminal, signals)
  return { terminal, code, text: () => terminal.printed.join('\n') }
}
const kept = (out: string): ProveReport => JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))

describe('claims of every kind', () => {
  const out = join(folder, 'all')
  const json = join(folder, 'all.json')

  it('are measured each for itself, and those that go wrong are rows with a code', async () => {
    const { code, text } = run({ out, json }, 'holds,throws,kills-itself,needs-gpu,fails-to-judge')
    expect(await code).toBe(1)
    const { results, mode, seed } = kept(out)
    expect({ mode, seed }).toEqual({ mode: 'quick', seed: 7 })
    expect(results.map(({ id, judgement, failure }) => [id, judgement?.verdict ?? failure?.code])).toEqual([
      ['holds', 'reproduced'],
      ['throws', 'claim_failed'],
      ['kills-itself', 'claim_crashed'],
      ['needs-gpu', 'not here'],
      ['fails-to-judge', 'claim_not_judged'],
    ])
    expect(results[2]!.failure!.message).toBe(
      'the process of kills-itself exited with SIGKILL: famous last words',
    )
    expect(results[0]!.command).toContain('hadal prove --only holds --quick --seed 7')
    expect(text()).toContain('1 reproduced, 1 not here, 3 failed')
  })

  it('leave raw results, logs and pages', () => {
    const raw = JSON.parse(readFileSync(join(out, 'holds', 'raw.json'), 'utf8'))
    expect(raw).toMatchObject({ seed: 7, folder: join(out, 'holds', 'files'), tiny: 'set' })
    expect(raw.hadal[0]).toBe(process.execPath)
    expect(existsSync(raw.model)).toBe(true)
    expect(readFileSync(join(out, 'holds', 'log.txt'), 'utf8')).toBe('measuring\n')
    expect(readFileSync(join(out, 'throws', 'log.txt'), 'utf8')).toContain('tiny-claims.ts')
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('there is no &#60;such&#62; thing')
    expect(JSON.parse(readFileSync(json, 'utf8')).raw.holds).toEqual(raw)
  })

  it('are judged again without being measured', async () => {
    const { code, text } = run({ from: out }, 'holds,needs-gpu')
    expect(await code).toBe(0)
    expect(text()).toContain('1 reproduced, 1 not here')
    expect(await run({ from: out, failOn: 'not-here,partly' }, 'holds,needs-gpu').code).toBe(1)
    expect(await run({ from: out, failOn: 'partly' }, 'holds,needs-gpu').code).toBe(0)
    await expect(run({ from: folder }, 'holds').code).rejects.toMatchObject({
      code: 'prove_folder_unreadable',
    })
  })
})

it('takes the place of nothing that an earlier measurement did not leave', async () => {
  const [out, mine] = [join(folder, 'mine'), join(folder, 'mine', 'holds', 'notes.txt')]
  mkdirSync(join(out, 'holds'), { recursive: true })
  writeFileSync(mine, 'mine')
  await expect(run({ out }, 'holds').code).rejects.toMatchObject({ code: 'prove_folder_unwritable' })
  expect(readFileSync(mine, 'utf8')).toBe('mine')
})

it('keeps what is done when the user stops, and says what was not reached', async () => {
  const out = join(folder, 'stopped')
  const stop = new AbortController()
  const status = (text: string): void => {
    if (text.includes('waiting')) stop.abort('SIGINT')
  }
  const { code, text } = run({ out }, 'holds,waits,hangs', stop, { status })
  expect(await code).toBe(130)
  expect(kept(out)).toMatchObject({ results: [{ id: 'holds' }], notReached: ['waits', 'hangs'] })
  expect(text()).toContain('interrupted before: waits, hangs')
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Title of holds')
})

it('ends a claim that takes too long, also one that hears nothing', async () => {
  const { claims, moduleOf, program } = await loadClaims(tinyClaims, '/')
  const measured = await measureClaim(
    claims.find(({ id }) => id === 'hangs')!,
    {
      program,
      moduleOf,
      job: { mode: 'quick', seed: 1, hadal: [], bundledModels: {} },
      folder: join(folder, 'hangs'),
      limitMillis: 1500,
      graceMillis: 100,
      env,
      onNote: () => {},
    },
    new AbortController().signal,
  )
  expect(measured).toMatchObject({ failure: { code: 'claim_timed_out' } })
})

describe('a command line', () => {
  it.each<[string, Partial<ProveFlags>, string]>([
    ['names a claim that there is not', { only: 'hold' }, 'did you mean holds?'],
    ['wants both modes', { quick: true, full: true }, '--quick and --full'],
    ['has no seed', { seed: 'x' }, '--seed'],
    ['fails on what is no verdict', { failOn: 'badly' }, 'not-reproduced'],
  ])('that %s is refused', async (_, flags, part) => {
    await expect(run(flags, flags.only ?? 'holds').code).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(part),
    })
  })

  it.each([
    ['is not there', '/nowhere/claims.ts'],
    ['exports none', fileURLToPath(new URL('recording-terminal.ts', import.meta.url))],
  ])('whose file of claims %s is refused', async (_, claims) => {
    await expect(run({ claims }, '').code).rejects.toMatchObject({ code: 'claims_file_invalid' })
  })

  it('lists the claims with what they take', async () => {
    const { code, text } = run({ list: true }, 'holds,needs-gpu')
    expect(await code).toBe(0)
    expect(text()).toMatch(/needs-gpu +1 s +1 min +gpu/)
  })
})
