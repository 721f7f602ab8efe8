/** Runs of several processes and of one, to compare their results. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRun, newestWeights, train } from '@hadal/train'
import { afterAll, expect } from 'vitest'
import { freePorts } from '../../../kernel/base/test/free-port.ts'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import { roundingBound } from '../../tensor/test/expect-close.ts'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

export const root: string = mkdtempSync(join(tmpdir(), 'hadal-divided-'))

export type Requested = Omit<DividedRun, 'folder'> & { readonly folder?: string }

let folders = 0

/** One that is not there yet. */
export const freshFolder = (): string => join(root, String(folders++))

export const named = (requested: readonly Requested[]): DividedRun[] =>
  requested.map((each) => ({ folder: freshFolder(), ...each }))

/** Trained by that many processes; the losses of each run. */
export async function together(ranks: number, runs: readonly DividedRun[]): Promise<number[][]> {
  const ports = await freePorts(runs.length)
  const met = runs.map((run, at) => ({ ...run, port: ports[at]! }))
  const answers = await Promise.all(groupOf(ranks).map((rank) => rank.train(met)))
  return answers[0]!
}

/** Loading libtorch takes a rank longer than most of these runs: the groups of each size stay until all tests of the file are over. */
const groups = new Map<number, readonly Rank[]>()
afterAll(() => {
  for (const { child } of [...groups.values()].flat()) child.kill('SIGKILL')
})

function groupOf(ranks: number): readonly Rank[] {
  const group = groups.get(ranks) ?? Array.from({ length: ranks }, (_, rank) => new Rank(rank, ranks))
  groups.set(ranks, group)
  return group
}

class Rank {
  readonly child: ChildProcess
  #errors = ''

  readonly rank: number

  constructor(rank: number, ranks: number) {
    this.rank = rank
    const env = {
      ...process.env,
      OMP_NUM_THREADS: '1',
      RANK: String(rank),
      WORLD_SIZE: String(ranks),
      LOCAL_RANK: String(rank),
      LOCAL_WORLD_SIZE: String(ranks),
      MASTER_ADDR: '127.0.0.1',
      // Placeholder: each run brings its own.
      MASTER_PORT: '1',
    }
    this.child = spawn(process.execPath, [programFile(import.meta.url, './divided-run-program.ts')], {
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.child.stderr!.on('data', (chunk) => {
      this.#errors += chunk
    })
  }

  /** Rejects with its output if it exits, or prints an error. */
  async train(runs: readonly (DividedRun & { readonly port: number })[]): Promise<number[][]> {
    const losses = await new Promise<number[][]>((resolve, reject) => {
      const ended = (code: number | null): void =>
        reject(new Error(`rank ${this.rank} ended with ${code}: ${this.#errors}`))
      if (!this.child.connected) return ended(this.child.exitCode)
      this.child.once('close', ended)
      this.child.once('message', (message) => {
        this.child.off('close', ended)
        resolve(message as number[][])
      })
      this.child.send(runs)
    })
    expect({ rank: this.rank, errors: this.#errors }).toEqual({ rank: this.rank, errors: '' })
    return losses
  }
}

export async function alone(each: DividedRun): Promise<number[]> {
  const { parallel: _, ...undivided } = each
  const losses: number[] = []
  await train(defineRun(dividedRunOptions(undivided)), {
    listeners: [
      (event, control) => {
        if (event.type === 'evaluated') losses.push(event.loss)
        if (event.type !== 'step') return
        losses.push(event.loss)
        if (event.step === each.stopAt) control.stop('asked to')
      },
    ],
  })
  return losses
}

const references = new Map<string, Promise<{ folder: string; losses: number[] }>>()

/** The same run in one process: once for all layouts that it is compared with. */
export function reference({ parallel: _, folder: __, ...run }: DividedRun): Promise<{
  readonly folder: string
  readonly losses: readonly number[]
}> {
  const key = JSON.stringify(run)
  const known = references.get(key)
  if (known) return known
  const folder = freshFolder()
  const made = alone({ ...run, folder }).then((losses) => ({ folder, losses }))
  references.set(key, made)
  return made
}

/** Only in long tests: other cases cover their parts. */
export const inLongTests = (...all: readonly Requested[]): readonly Requested[] => (runsSlowTests ? all : [])

/** The length of the difference of all weights, over the length of all weights. */
export function weightsApart(a: string, b: string): number {
  const [ours, theirs] = [newestWeights(a), newestWeights(b)]
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
  let difference = 0
  let length = 0
  for (const [name, { values }] of theirs)
    values.forEach((value, i) => {
      difference += (value - ours.get(name)!.values[i]!) ** 2
      length += value ** 2
    })
  return Math.sqrt(difference / length)
}

/** Two layers with products of up to 32 terms, forward and twice in the backward pass. */
const ofOnePass = roundingBound(1000)
/** Each update passes on the differences before it and adds its own, and AdamW makes whole updates of the smallest gradients. */
export const ofTwentySteps: number = 30 * ofOnePass

/** Losses of two runs: the first before any update, and all of them `within` a relative difference. */
export function expectSame(
  ours: readonly number[],
  theirs: readonly number[],
  within: number = ofTwentySteps,
): void {
  expect(ours.length).toBe(theirs.length)
  const apart = ours.map((loss, step) => Math.abs(loss / theirs[step]! - 1))
  if (within === ofTwentySteps) expect(apart[0]).toBeLessThanOrEqual(ofOnePass)
  expect(Math.max(...apart)).toBeLessThanOrEqual(within)
}
