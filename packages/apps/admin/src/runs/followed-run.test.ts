import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunMetrics } from '@hadal/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FollowedRun } from './followed-run.ts'

const line = (step: number, more: object = {}): string =>
  `${JSON.stringify({ step, loss: 10 / step, tokens: 100, seconds: 0.5, learningRate: 1e-3, ...more })}\n`

function runOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-followed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'metrics.jsonl')
  writeFileSync(path, text)
  const run = new FollowedRun(folder)
  return { path, run, ask: (cursor?: string): Promise<RunMetrics> => run.metrics(cursor, 5000) }
}

const valuesOf = ({ series }: RunMetrics, name: string) =>
  series.find((each) => each.name === name) ?? { steps: [] as number[], values: [] as number[] }

describe('FollowedRun', () => {
  it('returns the whole run first, then only new data', async () => {
    const { path, ask } = runOf(
      `${line(1) + line(2)}${JSON.stringify({ step: 2, validLoss: 4, seconds: 1 })}\n`,
    )
    const first = await ask()
    expect(first).toMatchObject({ isWhole: true, isReading: false, readShare: 1, damagedLines: 0 })
    expect(valuesOf(first, 'loss')).toMatchObject({ steps: [1, 2], values: [10, 5] })
    expect(valuesOf(first, 'unitsPerSecond').values).toEqual([200, 200])
    expect(first.progress).toEqual({ steps: [1, 2], seconds: [0.5, 1], units: [100, 200] })
    expect(first.last.validLoss).toEqual({ step: 2, value: 4 })
    expect(await ask(first.cursor)).toMatchObject({ isWhole: false, series: [], cursor: first.cursor })
    appendFileSync(path, line(3))
    const next = await ask(first.cursor)
    expect(next.isWhole).toBe(false)
    expect(valuesOf(next, 'loss')).toMatchObject({ steps: [3], values: [10 / 3] })
    expect(next.progress).toEqual({ steps: [3], seconds: [2.5], units: [300] })
    expect(valuesOf(await ask('some:thing'), 'loss').steps).toEqual([1, 2, 3])
  })

  it('returns the whole run again after it was rolled back', async () => {
    const { path, ask } = runOf(line(1) + line(2) + line(3))
    const { cursor } = await ask()
    truncateSync(path, line(1).length)
    appendFileSync(path, line(2, { loss: 7 }))
    const next = await ask(cursor)
    expect(next.isWhole).toBe(true)
    expect(valuesOf(next, 'loss').values).toEqual([10, 7])
  })

  it('passes over what is no metrics, and numbers that are none', async () => {
    const garbage = [
      'null',
      '[]',
      '{"step":"1"}',
      '{"step":-1,"loss":1}',
      '{"step":1e99}',
      'NaN',
      '{"step":4,',
      '',
    ]
    const { ask } = runOf(
      `${garbage.map((text) => `${text}\n`).join('')}${line(5, { loss: null, gradientNorm: 1e308 })}{"step":6,"loss":1e999}\n{"step":7,"measures":{"__proto__":1,"recall@1":0.5},"validLoss":2}\n{"step":8,"lo`,
    )
    const reported = await ask()
    expect(reported.damagedLines).toBe(garbage.length)
    expect(reported.notFinite).toBe(2)
    expect(valuesOf(reported, 'loss').values).toEqual([])
    expect(valuesOf(reported, 'gradientNorm').values).toEqual([1e308])
    expect(valuesOf(reported, 'measure.recall@1').values).toEqual([0.5])
  })

  it('passes over steps before the last: curves only go on', async () => {
    const { ask } = runOf(`${line(1) + line(5) + line(2, { loss: 77 })}{"step":5,"validLoss":3}\n${line(6)}`)
    const reported = await ask()
    expect(valuesOf(reported, 'loss').steps).toEqual([1, 5, 6])
    expect(valuesOf(reported, 'loss').values).not.toContain(77)
    expect(reported.damagedLines).toBe(1)
  })

  it('thins a long run, and says its last values exactly', async () => {
    let text = ''
    for (let step = 1; step <= 100_000; step += 1) text += line(step, { loss: step === 54_321 ? 99 : 1 })
    const { ask } = runOf(text)
    const reported = await ask()
    const loss = valuesOf(reported, 'loss')
    expect(loss.steps.length).toBeLessThan(4002)
    expect(loss.steps[loss.values.indexOf(99)]).toBe(54_321)
    expect(reported.last.loss).toEqual({ step: 100_000, value: 1 })
    expect(reported.progress.units.at(-1)).toBe(10_000_000)
    expect(reported.progress.steps.length).toBeLessThan(4002)
  })
})
