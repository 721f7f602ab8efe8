/**
 * A training run that is killed again and again, at random instants, and started again until it is finished. After every kill there
 * must be a checkpoint that can be read, no older than the last one announced; and in the end all must be as in a run that nobody
 * disturbed, to the bit.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '@hadal/base'
import { readCheckpoint, readMetrics } from '@hadal/train'
import { startProgram } from './start-program.ts'

export interface KillPlan {
  readonly kills: number
  readonly seed: number
  /** Of one run; when it ends before all kills are done, another begins. */
  readonly steps: number
}

export interface KillReport {
  /** By what they hit: a process that had not begun or gone on yet, the writing of a checkpoint, or anything else. */
  readonly kills: { starting: number; writing: number; training: number }
  /** Carried to their end, each compared with the undisturbed one. */
  readonly runs: number
  readonly checkpoints: number
  /** Steps that were done and had to be done again. */
  readonly stepsAgain: number
  readonly seconds: number
  /** What must not be. Empty when all is well. */
  readonly faults: readonly string[]
}

export async function killRuns(
  { kills, seed, steps }: KillPlan,
  onKill: (done: number) => void = () => {},
): Promise<KillReport> {
  const root = mkdtempSync(join(tmpdir(), 'hadal-kills-'))
  const random = seeded(seed)
  const began = performance.now()
  const report = { kills: { starting: 0, writing: 0, training: 0 }, runs: 0, checkpoints: 0, stepsAgain: 0 }
  const faults: string[] = []
  let done = 0

  const reference = join(root, 'reference')
  const first = startProgram(reference, steps)
  await first.started
  const startMillis = performance.now() - began
  await first.ended

  /** Kills one process of a run: while it starts, some time after, or when it writes a checkpoint. */
  const killOnce = async (child: ReturnType<typeof startProgram>, folder: string): Promise<void> => {
    const kind = random()
    if (kind < 0.2) return await sleep(random() * startMillis)
    await child.started
    await sleep(random() ** 2 * 1500)
    if (kind < 0.6) return
    await Promise.race([child.ended, untilWriting(folder)])
    await sleep(random() * 10)
  }

  /** Starts a run again and again until it ends. */
  const disturb = async (folder: string): Promise<void> => {
    let announced = 0
    for (;;) {
      const child = startProgram(folder, steps)
      if (done < kills) {
        await killOnce(child, folder)
        child.kill()
      }
      const { code, said, errors } = await child.ended
      report.checkpoints += said.checkpoints.length
      announced = said.checkpoints.at(-1) ?? announced
      if (code === 0) return
      if (code !== null) {
        faults.push(`a process ended with ${code}: ${errors}`)
        return
      }
      done += 1
      report.kills[said.started ? (isWriting(folder) ? 'writing' : 'training') : 'starting'] += 1
      const kept = newestStep(folder, faults)
      if (kept < announced)
        faults.push(
          `after kill ${done} the newest checkpoint is of step ${kept}; ${announced} had been written`,
        )
      report.stepsAgain += Math.max(0, said.step - kept)
      onKill(done)
    }
  }

  try {
    while (done < kills && faults.length === 0) {
      const folder = join(root, String(report.runs))
      await disturb(folder)
      faults.push(...differences(folder, reference).map((what) => `run ${report.runs}: ${what}`))
      rmSync(folder, { recursive: true })
      report.runs += 1
    }
    return { ...report, seconds: (performance.now() - began) / 1000, faults }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const checkpointFolder = (run: string): string => join(run, 'checkpoints')
const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : [])
const isWriting = (run: string): boolean =>
  list(checkpointFolder(run)).some((name) => name.endsWith('.partial'))

async function untilWriting(run: string): Promise<void> {
  for (let waited = 0; waited < 2000 && !isWriting(run); waited += 1) await sleep(1)
}

/** Of the newest checkpoint, 0 when there is none yet. All that are there must be whole. */
function newestStep(run: string, faults: string[]): number {
  let newest = 0
  for (const name of list(checkpointFolder(run)).filter((each) => each.endsWith('.safetensors'))) {
    try {
      newest = readCheckpoint(join(checkpointFolder(run), name)).state.step
    } catch (error) {
      faults.push(`${name} cannot be read: ${messageOf(error)}`)
    }
  }
  return newest
}

/** Between what two runs left behind: bytes of checkpoints, metrics but for times, and no file more. */
function differences(run: string, reference: string): string[] {
  const faults: string[] = []
  for (const part of ['.', 'checkpoints', join('checkpoints', 'best')]) {
    const [names, wanted] = [list(join(run, part)), list(join(reference, part))]
    if (String(names) !== String(wanted)) faults.push(`${part} holds ${names}, not ${wanted}`)
    for (const name of wanted.filter((each) => each.endsWith('.safetensors') && names.includes(each))) {
      const [bytes, same] = [run, reference].map((folder) => readFileSync(join(folder, part, name)))
      if (!bytes!.equals(same!)) faults.push(`${name} holds other bytes`)
    }
  }
  const [metrics, same] = [run, reference].map((folder) =>
    readMetrics(join(folder, 'metrics.jsonl')).map(({ seconds: _, memoryBytes: __, ...line }) => line),
  )
  if (JSON.stringify(metrics) !== JSON.stringify(same)) faults.push('the metrics are not the same')
  return faults
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
