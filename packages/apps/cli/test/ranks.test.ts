/** `hadal train --nproc 2` with ranks that train: what becomes of the job when one is killed, hangs, or all are stopped. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execute } from '@hadal/launch/recipe'
import { setNumThreads } from '@hadal/tensor'
import { readMetrics } from '@hadal/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import { main } from '../src/main.ts'
import { hadalBin } from './hadal-process.ts'
import { type RecordingTerminal, recordingTerminal } from './recording-terminal.ts'

setNumThreads(1)
let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-ranks-test-'))
  terminal = recordingTerminal({ folder, env: process.env })
  writeFileSync(join(folder, 'recipe.ts'), recipe)
  holdAfter(10)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** 60 steps. Without a file `fast`, they wait after the step that the file `hold` names. Each rank leaves its process number. */
const recipe = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
const { RANK = '0' } = process.env
writeFileSync('pid-' + RANK, String(process.pid))
const length = 8
const windows = (count: number, start: number) => {
  const tokens = Array.from({ length: count * length + 1 }, (_, i) => (start + i) ** 2 % 31)
  return { length, count, inputs: Int32Array.from(tokens.slice(0, -1)), targets: Int32Array.from(tokens.slice(1)) }
}
export default {
  name: 'tiny',
  folder: 'run',
  model: {
    vocab_size: 32, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4,
    num_key_value_heads: 2, max_position_embeddings: 8, rms_norm_eps: 1e-5, rope_theta: 1000, tie_word_embeddings: true,
  },
  data: { train: windows(20, 0), valid: windows(6, 7) },
  batch: { windows: 2, accumulate: 2 },
  schedule: { peak: 0.02, warmupSteps: 3, totalSteps: 60, floorFraction: 0.1 },
  evaluate: { everySteps: 20 },
  checkpoint: { everySteps: 5, keep: 2 },
  listeners: [
    async ({ type, step }) => {
      if (type !== 'step' || existsSync('fast')) return
      do await setTimeout(20)
      while (step >= Number(readFileSync('hold', 'utf8')) && !existsSync('fast'))
    },
  ],
}
`

const train = (...args: string[]): Promise<number> =>
  main(['train', 'recipe.ts', '--threads', '1', ...args], terminal)
const path = (name: string): string => join(folder, name)
const pid = (rank: number): number => Number(readFileSync(path(`pid-${rank}`), 'utf8'))
const holdAfter = (step: number): void => writeFileSync(path('hold'), String(step))
const goFast = (): void => writeFileSync(path('fast'), '')

const stepsDone = (): number =>
  existsSync(path('run/metrics.jsonl')) ? (readMetrics(path('run/metrics.jsonl')).at(-1)?.step ?? 0) : 0

const untilStep = (step: number): Promise<void> =>
  expect.poll(stepsDone, { interval: 20 }).toBeGreaterThanOrEqual(step)

const isAlive = (process: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${process}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const untilGone = (...processes: number[]): Promise<void> =>
  expect.poll(() => processes.filter(isAlive)).toEqual([])

describe('a rank that is lost', () => {
  it('to SIGKILL restarts the job from its checkpoint up to the limit, and then reports one error', async () => {
    const job = train('--nproc', '2', '--restarts', '1')
    await untilStep(6)
    const first = pid(1)
    process.kill(first, 'SIGKILL')
    await expect.poll(() => pid(1)).not.toBe(first)
    holdAfter(20)
    await untilStep(15)
    process.kill(pid(1), 'SIGKILL')
    expect(await job).toBe(1)
    const [restart, error, help, ...more] = terminal.noted
    expect(restart).toMatch(
      /^rank 1 was killed by SIGKILL after step \d+; all 2 ranks restart from the last checkpoint in 1 s \(restart 1 of 1\)$/,
    )
    expect(error).toMatch(/^error\[train_rank_failed\]: rank 1 was killed by SIGKILL after step \d+$/)
    expect(help).toContain('run/ranks/1.log')
    expect(more).toEqual([])
    expect(readFileSync(path('run/ranks/1.log'), 'utf8')).toMatch(
      /--- restarted ---\ntiny: .*resumes after step \d+, 60 steps in all, on 2 ranks\n/,
    )
    await untilGone(pid(0), pid(1))
  })

  it('because it hangs is named, and not the one that waited for it', async () => {
    // Waiting in a listener counts as hanging, too.
    holdAfter(Number.MAX_SAFE_INTEGER)
    const args = ['--schedule-total-steps', '1000000', '--parallel-timeout-seconds', '10']
    const job = train('--nproc', '2', ...args)
    await untilStep(6)
    process.kill(pid(1), 'SIGSTOP')
    expect(await job).toBe(1)
    expect(terminal.noted[0]).toMatch(
      /^error\[train_rank_hangs\]: rank 1 hangs after step \d+: no progress for 10 s, while rank 0 waited/,
    )
    await untilGone(pid(0), pid(1))
  })
})

describe('all ranks', () => {
  it('stop at the same step when one is asked to, with a checkpoint', async () => {
    const job = train('--nproc', '2')
    await untilStep(6)
    process.kill(pid(1), 'SIGTERM')
    holdAfter(60)
    expect(await job).toBe(143)
    expect(terminal.noted).toEqual([])
    const step = stepsDone()
    expect(readdirSync(path('run/checkpoints'))).toContain(
      `step-${String(step).padStart(9, '0')}.safetensors`,
    )
    await untilGone(pid(0), pid(1))
  })

  it('stop with a checkpoint when they and their launcher are all asked to, as systemd and scancel do', async () => {
    const job = train('--nproc', '2')
    await untilStep(6)
    for (const rank of [0, 1]) process.kill(pid(rank), 'SIGTERM')
    await setTimeout(30) // they have heard it, and the launcher's comes second
    process.emit('SIGTERM', 'SIGTERM')
    holdAfter(60)
    expect(await job).toBe(143)
    expect(terminal.noted).toEqual([])
    expect(readdirSync(path('run/checkpoints'))).toContain(
      `step-${String(stepsDone()).padStart(9, '0')}.safetensors`,
    )
    await untilGone(pid(0), pid(1))
  })

  it('stop when their launcher is asked to, and fewer go on where they were', async () => {
    const job = train('--nproc', '2')
    await untilStep(6)
    process.emit('SIGINT', 'SIGINT')
    holdAfter(60)
    expect(await job).toBe(130)
    await untilGone(pid(0), pid(1))
    goFast()
    expect(await train('--nproc', '1')).toBe(0)
    const steps = readMetrics(path('run/metrics.jsonl')).flatMap((line) =>
      line.loss !== undefined ? [line.step] : [],
    )
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  })

  it('end when their launcher is killed', async () => {
    const launcher = startCommand('train', 'recipe.ts', '--nproc', '2', '--threads', '1')
    await untilStep(6)
    launcher.kill('SIGKILL')
    await once(launcher, 'close')
    await untilGone(pid(0), pid(1))
  })

  it('have one error between them where the run is none', async () => {
    expect(await train('--nproc', '2', '--batch-windows', '0')).toBe(2)
    expect(terminal.noted).toHaveLength(2)
    expect(terminal.noted[0]).toContain('error[train_invalid_run]')
  })

  it('have one error between them where the run diverges, with the checkpoint that records it', async () => {
    const diverges = recipe
      .replace('peak: 0.02', 'peak: 1e30')
      .replace(/^ {2}evaluate:/m, '  guard: false,\n$&')
      .replace(
        /listeners: [\s\S]*?\n {2}\],/,
        `listeners: [({ type }) => type === 'checkpoint' && setTimeout(6000)],`,
      )
    writeFileSync(path('recipe.ts'), diverges)
    expect(await train('--nproc', '2')).toBe(1)
    expect(terminal.noted).toHaveLength(2)
    expect(terminal.noted[0]).toMatch(/^error\[train_diverged\]/)
    const [, checkpoint] = / (\S+\.safetensors)/.exec(terminal.noted.join())!
    expect(existsSync(path(checkpoint!))).toBe(true)
  })

  it('are to load the same run', async () => {
    writeFileSync(path('recipe.ts'), recipe.replace('everySteps: 20', 'everySteps: 20 - Number(RANK)'))
    expect(await train('--nproc', '2')).toBe(1)
    expect(terminal.noted[0]).toContain(
      'rank 1 has loaded another run than rank 0: they differ in evaluate.everySteps',
    )
  })

  it.runIf(runsSlowTests)('are to load the same schedule', async () => {
    const differs = recipe.replace('peak: 0.02', 'peak: 0.02 + Number(RANK)')
    writeFileSync(path('recipe.ts'), differs)
    expect(await train('--nproc', '2')).toBe(1)
    expect(terminal.noted[0]).toContain('rank 1 has loaded another run than rank 0')
  })
})

const startCommand = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [hadalBin, ...args], { cwd: folder, stdio: 'inherit' })

describe('a process that its environment makes a rank', () => {
  const rank = async (env: Record<string, string>): Promise<unknown> => {
    writeFileSync(path('recipe.ts'), recipe.replace(/^writeFileSync.*$/m, ''))
    const { default: run } = await import(path('recipe.ts'))
    const args = ['--folder', path('run'), '--parallel-timeout-seconds', '0.5']
    const place = recordingTerminal({ folder, env })
    return execute({ kind: 'train' }, run, path('recipe.ts'), args, place).catch((error: unknown) => error)
  }

  it('refuses one that is incomplete', async () => {
    expect(await rank({ RANK: '1', MASTER_ADDR: '127.0.0.1' })).toMatchObject({
      code: 'train_rank_environment',
      message: expect.stringContaining('WORLD_SIZE is missing'),
    })
  })

  it('gives up when nothing listens on the port, and when another program does', async () => {
    const env = {
      RANK: '1',
      WORLD_SIZE: '2',
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(await freePort()),
    }
    expect(await rank(env)).toMatchObject({ code: 'tensor_distributed_join_failed' })
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    expect(await rank({ ...env, RANK: '0', MASTER_PORT: String(port) })).toMatchObject({
      code: 'tensor_distributed_join_failed',
      message: expect.stringContaining(String(port)),
    })
    server.close()
  })
})
