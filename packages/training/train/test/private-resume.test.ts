/**
 * A private run killed at random moments and resumed spends exactly as much as an uninterrupted one; with seeded draws it also has
 * bit-identical weights.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { epsilonOf } from '@hadal/privacy'
import { setNumThreads } from '@hadal/tensor'
import {
  type MetricsLine,
  metricsLog,
  readCheckpoint,
  readMetrics,
  type TrainEvent,
  train,
} from '@hadal/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import { privateRun } from './private-run.ts'

setNumThreads(1)

const root = mkdtempSync(join(tmpdir(), 'hadal-private-resume-'))
afterAll(() => rmSync(root, { recursive: true }))

const program = programFile(import.meta.url, './private-program.ts')

/** Starts the run and kills it a given time after it printed a line that begins with `line`. */
async function killed(folder: string, secure: boolean, line: string, afterMillis: number): Promise<void> {
  const child = spawn(process.execPath, [program, folder, String(secure)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isReported = false
  createInterface({ input: child.stdout }).on('line', (said) => {
    if (isReported || !said.startsWith(line)) return
    isReported = true
    setTimeout(() => child.kill('SIGKILL'), afterMillis)
  })
  await once(child, 'close')
}

async function complete(folder: string, secure: boolean): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  const listeners = [
    metricsLog(join(folder, 'metrics.jsonl')),
    (event: TrainEvent) => void events.push(event),
  ]
  await train(privateRun(folder, { secure }), { listeners })
  return events
}

const newest = (folder: string) => {
  const last = readdirSync(join(folder, 'checkpoints'))
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort()
    .at(-1)!
  return readCheckpoint(join(folder, 'checkpoints', last))
}
const withoutTimes = (lines: MetricsLine[]) =>
  lines.map(({ seconds: _, memoryBytes: __, memory: ___, ...line }) => line)
const metrics = (folder: string) => withoutTimes(readMetrics(join(folder, 'metrics.jsonl')))
const epsilons = (folder: string) =>
  metrics(folder).flatMap(({ step, epsilon }) => (epsilon === undefined ? [] : [[step, epsilon]]))

/** Moments of kills: lines after which, and how long after. Drawn once, so that a failure can be had again. */
const moments: [line: string, afterMillis: number][] = [
  ['step 4', 7],
  ['checkpoint 5', 0],
  ['step 13', 11],
  ['step 23', 0],
]

describe.each([
  ['drawn from the seed', false],
  ['drawn by the system', true],
] as const)('a private run %s', (_, secure) => {
  const reference = join(root, `reference-${secure}`)
  const folder = join(root, `killed-${secure}`)
  let events: TrainEvent[]
  beforeAll(async () => {
    await complete(reference, secure)
    // Sampling does not affect when it is saved: two moments are enough for the second.
    const short = secure ? moments.slice(1, 3) : moments
    for (const [line, afterMillis] of runsSlowTests ? moments : short)
      await killed(folder, secure, line, afterMillis)
    events = await complete(folder, secure)
  })

  it('spends the same to the last digit, killed or not', () => {
    const { ledger } = newest(folder).state
    const plan = privateRun(folder, { secure })
    expect(ledger).toEqual(newest(reference).state.ledger)
    expect(ledger).toEqual([expect.objectContaining({ sampleRate: 0.1, steps: 24 })])
    const delta = 1 / 200
    expect(epsilonOf(ledger!, delta, 'rdp')).toBe(epsilonOf(newest(reference).state.ledger!, delta, 'rdp'))
    expect(epsilonOf(ledger!, delta, 'rdp')).toBeLessThanOrEqual(plan.privacy!.epsilon!)
    expect(epsilons(folder)).toEqual(epsilons(reference))
    expect(epsilons(folder).at(-1)).toEqual([24, epsilonOf(ledger!, delta, 'rdp')])
  })

  it(secure ? 'has other weights each time' : 'has the same weights to the bit', () => {
    if (secure) expect(newest(folder).weights).not.toEqual(newest(reference).weights)
    else {
      expect(newest(folder)).toEqual(newest(reference))
      expect(metrics(folder)).toEqual(metrics(reference))
    }
  })

  it('resumed, and had steps without a row', () => {
    expect(events.find(({ type }) => type === 'started')).toMatchObject({ step: expect.any(Number) })
    const rows = metrics(reference).flatMap(({ privacy }) => (privacy ? [privacy.rows] : []))
    expect(rows).toHaveLength(24)
    expect(new Set(rows).size).toBeGreaterThan(2)
    if (!secure) expect(rows).toContain(0)
  })
})
