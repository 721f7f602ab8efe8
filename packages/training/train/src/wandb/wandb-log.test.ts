import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../../test/tiny-events.ts'
import type { RunControl, TrainEvent } from '../events.ts'
import { type WandbOptions, type WandbPlace, wandbLog } from './wandb-log.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-wandb-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An SDK that records its calls; `init` and `log` begin with code of the test. */
function fakeSdk({ init = '', log = '' }: { init?: string; log?: string } = {}): Partial<WandbPlace> {
  const module = join(folder, 'sdk.cjs')
  const calls = JSON.stringify(join(folder, 'calls.jsonl'))
  writeFileSync(
    module,
    `const { appendFileSync } = require('node:fs')
     const tell = (...call) => appendFileSync(${calls}, JSON.stringify(call) + '\\n')
     exports.wandb = {
       async init(options) {
         tell('init', options)
         ${init}
         return {
           log(metrics, step) { tell('log', step, metrics); ${log} },
           async finish(code) { tell('finish', code) },
           url: () => 'https://wandb.example/me/p/runs/1',
         }
       },
     }`,
  )
  return { module, folder }
}

const calls = (): unknown[] =>
  readFileSync(join(folder, 'calls.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const control: RunControl = { stop: () => {}, save: () => {}, warn: () => {} }

async function follow(
  events: readonly TrainEvent[],
  place: Partial<WandbPlace>,
  options: WandbOptions = { project: 'p' },
): Promise<void> {
  const listen = wandbLog(options, place)
  for (const event of events) await listen(event, control)
}

describe('a run that is logged to Weights & Biases', () => {
  it('has a line a step, with the names people look for, and ends there too', async () => {
    await follow(
      [
        startedEvent({ name: 'nano', parameters: 100, activatedParameters: 60, flopsPerToken: 50 }),
        stepEvent({ step: 1, loss: 3, gradientNorm: 0.5, learningRate: 0.1, tokens: 8, seconds: 2 }),
        { type: 'evaluated', step: 1, loss: 2.5, seconds: 4 },
        { type: 'checkpoint', step: 1, path: 'x', seconds: 1 },
        stepEvent({ step: 2, loss: Number.NaN, seconds: 0 }),
        { type: 'finished', step: 2, seconds: 9 },
      ],
      fakeSdk(),
      { project: 'p', entity: 'team', config: { seed: 7 }, peakFlops: 800 },
    )
    const common = { 'train/expert_imbalance': 1, 'train/memory_bytes': 1e6, 'grad_norm/layers.0': 1 }
    expect(calls()).toEqual([
      [
        'init',
        {
          project: 'p',
          entity: 'team',
          name: 'nano',
          config: { parameters: 100, activatedParameters: 60, totalSteps: 9, seed: 7 },
          settings: { silent: true },
        },
      ],
      [
        'log',
        1,
        {
          ...common,
          'train/global_step': 1,
          'train/epoch': 0.5,
          'train/loss': 3,
          'train/lr': 0.1,
          'train/grad_norm': 0.5,
          'train/tokens_per_second': 4,
          'train/mfu': 0.25,
          'eval/loss': 2.5,
          'eval/seconds': 4,
        },
      ],
      [
        'log',
        2,
        {
          ...common,
          'train/global_step': 2,
          'train/epoch': 0.5,
          'train/loss': 'NaN',
          'train/lr': 0.1,
          'train/grad_norm': 1,
        },
      ],
      ['finish', 0],
    ])
  })

  it('goes on in rising steps after it resumed, and after it went back', async () => {
    const wentBack: TrainEvent = {
      type: 'decision',
      step: 40,
      failedStep: 43,
      layer: 'layers.0',
      batch: 'rows 1 to 4',
      message: 'went back',
      number: 1,
      rateFactor: 0.5,
    }
    await follow(
      [
        startedEvent({ step: 40 }),
        ...[41, 42].map((step) => stepEvent({ step })),
        wentBack,
        ...[41, 42, 43, 50].map((step) => stepEvent({ step })),
        { type: 'interrupted', step: 50, seconds: 1 },
      ],
      fakeSdk(),
      { project: 'p', name: 'mine' },
    )
    const [init, ...rest] = calls() as [string, ...{ [key: string]: unknown }[]][]
    expect(init![1]).toMatchObject({ name: 'mine', config: { resumedAfterStep: 40 } })
    expect(rest.slice(0, -1).map(([, step, metrics]) => [step, metrics!['train/global_step']])).toEqual([
      [41, 41],
      [42, 42],
      [43, undefined],
      [44, 41],
      [45, 42],
      [46, 43],
      [50, 50],
    ])
    expect(rest[2]).toEqual(['log', 43, { 'guard/interventions': 1, 'guard/rate_factor': 0.5 }])
    expect(rest.at(-1)).toEqual(['finish', 255])
  })
})

describe('before the first step', () => {
  it('it is said that the SDK is not installed, and how it is', async () => {
    await expect(follow([startedEvent()], { folder })).rejects.toMatchObject({
      code: 'train_wandb_not_installed',
      message: "cannot load @wandb/sdk: Cannot find module '@wandb/sdk'",
      help: expect.stringContaining('npm install @wandb/sdk'),
    })
  })

  it.each([
    [
      'it is refused',
      "console.error('Fatal HTTP error (401): ', 'x'); throw new Error('no entity')",
      'no entity; Fatal HTTP error (401):  x',
    ],
    [
      'its thread fails',
      "setTimeout(() => { throw new Error('out of order') }); await new Promise(() => {})",
      'out of order',
    ],
    ['its thread ends', 'process.exit(3)', 'the SDK ended its thread with exit code 3'],
  ])('it is said that %s', async (_, init, reason) => {
    await expect(follow([startedEvent()], fakeSdk({ init }))).rejects.toMatchObject({
      code: 'train_wandb_refused',
      message: `Weights & Biases did not accept a run in p: ${reason}`,
    })
  })

  it('a missing response is reported', async () => {
    const place = fakeSdk({ init: 'setInterval(() => {}, 1000); await new Promise(() => {})' })
    await expect(follow([startedEvent()], { ...place, patienceMillis: 300 })).rejects.toMatchObject({
      code: 'train_wandb_refused',
      message: 'Weights & Biases did not accept a run in p: no response within 0.3 s',
    })
  })
})

it('a connection that is lost is a warning, once, and the run goes on', async () => {
  const warnings: string[] = []
  const listen = (warning: Error): void => {
    if (warning.name === 'WandbWarning') warnings.push(warning.message)
  }
  process.on('warning', listen)
  const place = fakeSdk({ log: "throw new Error('gone')" })
  await follow(
    [
      startedEvent(),
      ...[1, 2, 3].map((step) => stepEvent({ step })),
      { type: 'finished', step: 3, seconds: 1 },
      stepEvent({ step: 4 }),
    ],
    place,
  )
  await new Promise(setImmediate)
  process.off('warning', listen)
  expect(warnings).toEqual(['Weights & Biases gets no more of this run: gone'])
})
