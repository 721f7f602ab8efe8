/** A trace that PyTorch wrote, against what PyTorch says of it: reference/pytorch-trace.py makes both. */

import { readFileSync } from 'node:fs'
import { readChromeTrace, summarizeTrace } from '@hadal/profiling'
import { expect, it } from 'vitest'

const file = (name: string): Buffer => readFileSync(new URL(`reference/${name}`, import.meta.url))

interface Average {
  readonly count: number
  readonly selfMicros: number
  readonly totalMicros: number
}

it('says of operators what PyTorch says of them', () => {
  const summary = summarizeTrace(readChromeTrace(file('pytorch-trace.json.gz')))
  const { averages } = JSON.parse(file('pytorch-averages.json').toString()) as {
    averages: Readonly<Record<string, Average>>
  }
  const wanted = Object.entries(averages).filter(
    ([name]) => /^aten::|Backward0$/.test(name) && !name.includes('autograd::engine'),
  )
  expect(wanted.length).toBeGreaterThan(40)
  const ours = new Map(summary.operators.map((operator) => [operator.name, operator]))
  for (const [name, { count, selfMicros, totalMicros }] of wanted) {
    const found = ours.get(name)
    expect([name, found?.count]).toEqual([name, count])
    // Tolerance: each event is rounded to nanoseconds.
    expect(Math.abs(found!.selfMicros - selfMicros)).toBeLessThan(0.01 * count)
    expect(Math.abs(found!.totalMicros - totalMicros)).toBeLessThan(0.01 * count)
  }
  const engine = Object.entries(averages).filter(([name]) => name.startsWith('autograd::engine'))
  expect(ours.get('autograd::engine')!.count).toBe(engine.reduce((sum, [, { count }]) => sum + count, 0))
})

it('knows its steps and its optimizer', () => {
  const { counts, steps, phases, memory } = summarizeTrace(readChromeTrace(file('pytorch-trace.json.gz')))
  expect(counts).toBe('steps')
  expect(steps.map(({ name }) => name)).toEqual(['step 1', 'step 2'])
  // step and zero_grad.
  expect(phases).toMatchObject([{ name: 'optimizer', count: 4 }])
  expect(memory!.allocations).toBeGreaterThan(50)
})
