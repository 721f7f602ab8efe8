/** Runs with fused operators: reported, part of the fingerprint, close to libtorch's operators, and resumable bit-exactly. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineOp, fusedSwiGlu, setNumThreads } from '@hadal/tensor'
import { defineRun, newestWeights, type RunOptions, type TrainEvent, train } from '@hadal/train'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { privateRun } from './private-run.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
// Compilation is slow under load.
const root = mkdtempSync(join(tmpdir(), 'hadal-fused-'))
afterAll(() => rmSync(root, { recursive: true }))
// Shared cache of compiled operators for all tests.
const cacheHome = join(fileURLToPath(new URL('../../tensor/build', import.meta.url)), 'cache')
beforeAll(() => void vi.stubEnv('XDG_CACHE_HOME', cacheHome))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.stubEnv('XDG_CACHE_HOME', cacheHome)
})

const options = (name: string, change: Partial<RunOptions> = {}): RunOptions =>
  ({ ...tinyOptions(join(root, name)), ...change }) as RunOptions

async function executed(
  run: RunOptions,
  until = 24,
): Promise<{ losses: number[]; reported: string | undefined }> {
  const losses: number[] = []
  let reported: string | undefined
  const requested = new AbortController()
  const listener = (event: TrainEvent): void => {
    if (event.type === 'started') reported = event.fusedOps
    if (event.type === 'step') losses.push(event.loss)
    if (event.type === 'step' && event.step === until) requested.abort()
  }
  await train(defineRun(run), { listeners: [listener], signal: requested.signal })
  return { losses, reported }
}

it('say what is fused, and lose what runs without lose, but for rounding', async () => {
  const plain = await executed(options('plain'))
  const fused = await executed(options('fused', { fusedOps: true }))
  expect(plain.reported).toBeUndefined()
  expect(fused.reported).toMatch(/^5 norms and 2 gates fused \((compiled in .*|from the cache|loaded already)\)$/)
  expect(fused.losses).not.toEqual(plain.losses)
  expectClose(fused.losses[0]!, plain.losses[0]!, { roundings: 500 }, 'before any update')
  expectClose(fused.losses, plain.losses, { roundings: 1000, condition: 30 }, 'after updates')
})

it('go on to the bit after they were stopped, also where layers are computed again', async () => {
  const change = { fusedOps: true, checkpointing: { every: 1 } }
  await executed(options('whole', change))
  const halves = options('halves', change)
  await executed(halves, 7)
  await executed(halves)
  const [whole, resumed] = [newestWeights(join(root, 'whole')), newestWeights(join(root, 'halves'))]
  expect([...resumed!.keys()]).toEqual([...whole!.keys()])
  for (const [name, { values }] of whole!) expect(resumed!.get(name)!.values).toEqual(values)
})

it('clip each row’s gradient as runs without do, where they are private', async () => {
  const weights = async (name: string, fusedOps: boolean): Promise<Map<string, readonly number[]>> => {
    await train(privateRun(join(root, name), {}, { fusedOps }))
    const kept = newestWeights(join(root, name))
    return new Map([...kept].map(([each, { values }]) => [each, Array.from(values as Float32Array)]))
  }
  const [plain, fused] = [await weights('private', false), await weights('private-fused', true)]
  const names = [...plain.keys()]
  const closeness = { roundings: 1000, condition: 30 }
  expectAllClose(
    names.map((name) => fused.get(name)!),
    [...plain.values()],
    closeness,
    names,
  )
})

it('are other runs than those without: neither goes on with the other’s checkpoint', async () => {
  const run = options('other')
  const on = defineRun({ ...run, fusedOps: true }).fingerprint
  expect(defineRun(run).fingerprint).not.toBe(on)
  expect(defineRun({ ...run, fusedOps: false }).fingerprint).toBe(defineRun(run).fingerprint)
  await executed(run, 5)
  await expect(executed({ ...run, fusedOps: true })).rejects.toMatchObject({ code: 'train_run_changed' })
})

it('do not start where nothing can be compiled: what they compute does not go by the machine', async () => {
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'no-cache'))
  vi.stubEnv('CXX', '/nowhere/g++')
  // Runs before this one may have loaded it.
  const loaded = await defineOp(fusedSwiGlu).catch(() => undefined)
  loaded?.unload()
  await expect(executed(options('nowhere', { fusedOps: true }))).rejects.toMatchObject({
    code: 'op_compiler_missing',
  })
})

it('are of fp32 and of language models', () => {
  expect(() => defineRun(options('bits', { fusedOps: true, precision: 'bf16' }))).toThrow(
    'fusedOps is of precision "fp32"; the run has "bf16"',
  )
  expect(() => defineRun(options('word', { fusedOps: 'yes' as unknown as boolean }))).toThrow(
    'fusedOps is yes; it must be true or false',
  )
})
