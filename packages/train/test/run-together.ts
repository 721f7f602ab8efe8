/** Runs that several processes carry out and runs of one, to compare what they learn. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineRun, newestWeights, train } from '@hadal/train'
import { expect } from 'vitest'
import { freePorts } from '../../base/test/free-port.ts'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

const program = fileURLToPath(new URL('divided-run-program.ts', import.meta.url))
export const root: string = mkdtempSync(join(tmpdir(), 'hadal-divided-'))

export type Asked = Omit<DividedRun, 'folder'> & { readonly folder?: string }

let folders = 0

/** One that is not there yet. */
export const freshFolder = (): string => join(root, String(folders++))

export const named = (asked: readonly Asked[]): DividedRun[] =>
  asked.map((each) => ({ folder: freshFolder(), ...each }))

/** By so many processes; the losses of each run. */
export async function together(ranks: number, runs: readonly DividedRun[]): Promise<number[][]> {
  const ports = await freePorts(runs.length)
  const met = runs.map((run, at) => ({ ...run, port: ports[at]! }))
  const outputs = Array.from({ length: ranks }, async (_, rank) => {
    const args = ['--conditions=@hadal/source', '--import', 'tsx', program, JSON.stringify(met)]
    const env = {
      ...process.env,
      OMP_NUM_THREADS: '1',
      RANK: String(rank),
      WORLD_SIZE: String(ranks),
      LOCAL_RANK: String(rank),
      LOCAL_WORLD_SIZE: String(ranks),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(ports[0]),
    }
    const child = spawn(process.execPath, args, { env })
    let out = ''
    let errors = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (errors += chunk))
    const [code] = await once(child, 'close')
    expect({ rank, code, errors }).toEqual({ rank, code: 0, errors: '' })
    return out
  })
  const lines = (await Promise.all(outputs))[0]!.trim().split('\n')
  return lines.map((line) => JSON.parse(line) as number[])
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

export function expectSame(ours: readonly number[], theirs: readonly number[], within = 1e-5): void {
  expect(ours.length).toBe(theirs.length)
  const apart = ours.map((loss, step) => Math.abs(loss / theirs[step]! - 1))
  expect(Math.max(...apart)).toBeLessThan(within)
}
