/** Runs whose model several processes hold between them take the course of the same run in one, and go on in one another's layout. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, newestWeights, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

const program = fileURLToPath(new URL('divided-run-program.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'hadal-divided-'))
afterAll(() => rmSync(root, { recursive: true }))
setNumThreads(1)

type Asked = Omit<DividedRun, 'number' | 'folder'> & { readonly folder?: string }

let folders = 0
const named = (asked: readonly Asked[]): DividedRun[] =>
  asked.map((each, number) => ({ folder: join(root, String(folders++)), ...each, number }))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** By so many processes; the losses of each run. */
async function together(ranks: number, runs: readonly DividedRun[]): Promise<number[][]> {
  const port = await freePort()
  const outputs = Array.from({ length: ranks }, async (_, rank) => {
    const args = ['--conditions=@hadal/source', '--import', 'tsx', program, JSON.stringify(runs)]
    const env = {
      ...process.env,
      OMP_NUM_THREADS: '1',
      RANK: String(rank),
      WORLD_SIZE: String(ranks),
      LOCAL_RANK: String(rank),
      LOCAL_WORLD_SIZE: String(ranks),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(port),
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

async function alone(each: DividedRun): Promise<number[]> {
  const { parallel: _, ...undivided } = each
  const losses: number[] = []
  await train(defineRun(dividedRunOptions(undivided)), {
    listeners: [
      (event, control) => {
        if (event.type !== 'step') return
        losses.push(event.loss)
        if (event.step === each.stopAt) control.stop('asked to')
      },
    ],
  })
  return losses
}

/** The length of the difference of all weights, over the length of all weights. */
function weightsApart(a: string, b: string): number {
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

function expectSame(ours: readonly number[], theirs: readonly number[]): void {
  expect(ours.length).toBe(theirs.length)
  const apart = ours.map((loss, step) => Math.abs(loss / theirs[step]! - 1))
  expect(Math.max(...apart)).toBeLessThan(1e-5)
}

const small = { peak: 1e-3, warmupSteps: 3, totalSteps: 20, floorFraction: 0.1 }

const cases: readonly (readonly [string, number, readonly Asked[]])[] = [
  [
    'two processes that divide layers',
    2,
    [
      { model: 'llama', parallel: { tensor: 2 } },
      { model: 'llama', parallel: { tensor: 2, sequence: true }, change: { checkpointing: { every: 1 } } },
      { model: 'deepseek', parallel: { tensor: 2, sequence: true }, change: { average: {} } },
      {
        model: 'deepseek',
        parallel: { tensor: 2 },
        change: { checkpointing: { every: 1 }, lossChunkTokens: 0 },
      },
    ],
  ],
]

describe.each(cases)('%s', (_, ranks, asked) => {
  it('take the course of one, over 20 steps', async () => {
    const runs = named(asked)
    const losses = await together(ranks, runs)
    for (const [at, each] of runs.entries()) {
      const one = { ...each, folder: join(root, `one-${folders++}`) }
      expectSame(losses[at]!, await alone(one))
      expect(weightsApart(each.folder, one.folder)).toBeLessThan(1e-5)
    }
  })
})

it('adapters beside divided layers learn what those beside whole ones do', async () => {
  const startFolder = join(root, 'start')
  await alone({ number: 0, folder: startFolder, model: 'llama', stopAt: 4 })
  const change = { adapter: { rank: 4 }, schedule: small }
  const runs = named([{ model: 'llama', startFolder, change, parallel: { tensor: 2, sequence: true } }])
  const [losses] = await together(2, runs)
  const one = { ...runs[0]!, folder: join(root, 'one-adapter') }
  expectSame(losses!, await alone(one))
  expect(weightsApart(runs[0]!.folder, one.folder)).toBeLessThan(1e-4)
})

it('a run goes on in another layout than the one it was saved in', async () => {
  const whole: DividedRun = { number: 0, folder: join(root, 'whole'), model: 'deepseek' }
  const losses = await alone(whole)
  const parallel = { tensor: 2, sequence: true }

  const spread = { ...whole, folder: join(root, 'spread') }
  const before = await alone({ ...spread, stopAt: 9 })
  const [after] = await together(2, [{ ...spread, parallel }])
  expectSame([...before, ...after!], losses)
  expect(weightsApart(spread.folder, whole.folder)).toBeLessThan(1e-5)

  const joined = { ...whole, folder: join(root, 'joined') }
  const [first] = await together(2, [{ ...joined, parallel, stopAt: 9 }])
  expectSame([...first!, ...(await alone(joined))], losses)
  expect(weightsApart(joined.folder, whole.folder)).toBeLessThan(1e-5)
})
