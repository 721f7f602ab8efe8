/** Runs that several processes carry out and runs of one, to compare what they learn. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineRun, newestWeights, train } from '@hadal/train'
import { expect } from 'vitest'
import { roundingBound } from '../../tensor/test/expect-close.ts'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

const program = fileURLToPath(new URL('divided-run-program.ts', import.meta.url))
export const root: string = mkdtempSync(join(tmpdir(), 'hadal-divided-'))

export type Asked = Omit<DividedRun, 'folder'> & { readonly folder?: string }

let folders = 0

/** One that is not there yet. */
export const freshFolder = (): string => join(root, String(folders++))

export const named = (asked: readonly Asked[]): DividedRun[] =>
  asked.map((each) => ({ folder: freshFolder(), ...each }))

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  for (const server of servers) server.close()
  return ports
}

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
