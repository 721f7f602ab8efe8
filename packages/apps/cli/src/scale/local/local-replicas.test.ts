/** `hadal serve --replicas`, with engines that are none. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '@hadal/config'
import { createFakeEngine, type FakeEngine } from '@hadal/engine'
import type { ScalerStatus } from '@hadal/scaling'
import type { StartEngine } from '@hadal/service'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../../test/recording-terminal.ts'
import { serve } from '../../commands/serve.ts'
import { createProgram } from '../../program.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-replicas-'))
  writeFileSync(join(folder, 'tiny.gguf'), 'GGUF')
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Minimal decision intervals. */
const quick = {
  autoscaler: 'hadal',
  maxReplicas: 3,
  checkIntervalMillis: 100,
  staleAfterMillis: 1000,
  upCooldownMillis: 0,
  downCooldownMillis: 0,
  gpuLowForMillis: 0,
}
const patient = { interval: 5 } as const

async function started(config: Record<string, unknown>) {
  writeFileSync(
    join(folder, 'hadal.config.json'),
    JSON.stringify({ model: join(folder, 'tiny.gguf'), port: 0, guard: 'off', ...config }),
  )
  const engines: FakeEngine[] = []
  const said: Partial<Service>[] = []
  const startEngine: StartEngine = (model, settings) => {
    said.push(settings)
    const reply = 'y'.repeat(100_000)
    const engine = createFakeEngine({
      reply,
      tokenMillis: 1,
      maxBatchSize: 2,
      model: { id: model.id ?? 'tiny' },
    })
    engines.push(engine)
    return engine
  }
  const stop = new AbortController()
  const signals = { first: stop.signal, [Symbol.dispose]: () => {} }
  const code = new Promise<number>((resolve, reject) => {
    createProgram(terminal, () => {})
      .commands.find((command) => command.name() === 'serve')!
      .action((_flags, command) => serve(command, terminal, startEngine, signals).then(resolve, reject))
      .parseAsync([], { from: 'user' })
      .catch(reject)
  })
  const printed = () => terminal.printed.join('\n')
  await Promise.race([expect.poll(printed, patient).toMatch(/http:\/\/[\d.]+:\d+/), code])
  const url = /http:\/\/[\d.]+:\d+/.exec(printed())![0]
  const left = new AbortController()
  return {
    engines,
    said,
    printed,
    url,
    /** Responses that last until the client disconnects. */
    ask: (count: number): Promise<unknown>[] =>
      Array.from({ length: count }, () =>
        fetch(`${url}/v1/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'tiny', prompt: 'x', max_tokens: 3000, stream: true }),
          signal: left.signal,
        })
          .then((answer) => answer.text())
          .catch(() => {}),
      ),
    leave: () => left.abort(),
    decisions: async () => (await (await fetch(`${url}/decisions`)).json()) as ScalerStatus,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    async stop(): Promise<number> {
      left.abort()
      stop.abort('SIGTERM')
      return code
    },
  }
}

describe('replicas: 2', () => {
  it('starts two with their share of the machine, and says so; nothing decides about them', async () => {
    const { engines, said, printed, url, metrics, stop } = await started({ replicas: 2, contextLength: 64 })
    await expect.poll(metrics, patient).toContain('hadal_engine_replicas{model_name="tiny"} 2')
    expect(engines).toHaveLength(2)
    for (const each of said) expect(each).toMatchObject({ threads: expect.any(Number), contextLength: 64 })
    expect(printed()).toMatch(/replicas +2 \(hadal.config.json\)/)
    expect((await fetch(`${url}/decisions`)).status).toBe(404)
    expect(await stop()).toBe(0)
    expect(engines.map((engine) => engine.snapshot().state)).toEqual(['closed', 'closed'])
  })

  it('gives the others the context of the first, which found the most memory free', async () => {
    const { said, metrics, stop } = await started({ replicas: 2 })
    await expect.poll(metrics, patient).toContain('hadal_engine_replicas{model_name="tiny"} 2')
    expect(said.map(({ contextLength }) => contextLength)).toEqual([undefined, 4096])
    expect(await stop()).toBe(0)
  })
})

describe('replicas: 1', () => {
  it('is an engine as it always was', async () => {
    const { engines, said, stop } = await started({})
    expect(said).toHaveLength(1)
    expect(said[0]!.threads).toBeUndefined()
    expect(await stop()).toBe(0)
    expect(engines).toHaveLength(1)
  })
})

describe('replicas: auto', () => {
  it('scales up while slots are busy and down when they are idle, and reports the reasons', async () => {
    const { engines, ask, leave, decisions, stop } = await started({
      replicas: 'auto',
      threads: 1,
      scaling: quick,
    })
    const most = async () => (await decisions()).models[0]?.maxReplicas
    await expect.poll(most, patient).toBeGreaterThan(0)
    // A machine of one core has no more than one.
    const bound = (await most())!
    const answers = ask(12)
    await expect.poll(async () => (await decisions()).models[0]!.readyReplicas, patient).toBe(bound)
    await expect.poll(() => engines.filter(({ seen }) => seen.length > 0).length, patient).toBe(bound)
    leave()
    await Promise.all(answers)
    await expect.poll(async () => (await decisions()).models[0]!.readyReplicas, patient).toBe(1)
    const { models, leader, isLeader } = await decisions()
    expect({ leader, isLeader }).toEqual({ leader: 'here', isLeader: true })
    expect(models[0]).toMatchObject({ model: 'tiny', target: 'processes on this machine', minReplicas: 1 })
    const reasons = models[0]!.decisions.filter(({ action }) => action !== 'hold').map(({ reason }) => reason)
    if (bound > 1) expect(new Set(reasons)).toEqual(new Set(['busy', 'idle']))
    const noted = terminal.noted.join('\n')
    if (bound > 1) expect(noted).toMatch(/1 to \d engines: each is \d+ % busy, above 70 %/)
    expect(await stop()).toBe(0)
  })

  it('with scaleToZero starts a replica on the first request, and removes it when idle', async () => {
    const { engines, ask, leave, decisions, metrics, printed, url, stop } = await started({
      replicas: 'auto',
      threads: 1,
      idleUnloadMillis: 50,
      scaling: { ...quick, scaleToZero: true, minReplicas: 0 },
    })
    expect(printed()).toContain('loaded on demand')
    expect(engines).toEqual([])
    expect((await decisions()).models).toEqual([])
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    const answers = ask(1)
    await expect.poll(async () => (await decisions()).models[0]?.readyReplicas, patient).toBe(1)
    leave()
    await Promise.all(answers)
    await expect.poll(metrics, patient).toContain('hadal_model_loaded{model_name="tiny"} 0')
    expect((await decisions()).models[0]).toMatchObject({ replicas: 0, readyReplicas: 0 })
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    expect(engines.map((engine) => engine.snapshot().state)).toEqual(engines.map(() => 'closed'))
    expect(await stop()).toBe(0)
  })
})
