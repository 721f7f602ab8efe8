import { describe, expect, it } from 'vitest'
import { runWords } from '../words.ts'
import { chartsOf, type ShownRun } from './charts-of.ts'

const say = runWords.en

function run(name: string, series: readonly string[], more: object = {}): ShownRun {
  return {
    detail: { id: name, name, path: `runs/${name}`, rates: [], ...more },
    curves: {
      cursor: '',
      series: new Map(series.map((each) => [each, { steps: [1, 2], values: [4, 2] }])),
      progress: { steps: [1, 2], seconds: [1, 2], units: [10, 20] },
      last: {},
      isReading: false,
      readShare: 1,
      damagedLines: 0,
      notFinite: 0,
    },
  }
}

const titlesOf = (runs: readonly ShownRun[]) => chartsOf(runs, say).map(({ title }) => title)

describe('chartsOf', () => {
  it('has charts of what was measured, related curves of one run together', () => {
    const charts = chartsOf([run('a', ['loss', 'validLoss', 'gradientNorm'])], say)
    expect(charts.map(({ title }) => title)).toEqual(['Loss', 'Gradient norm'])
    expect(charts[0]!.lines.map(({ label }) => label)).toEqual(['training', 'validation'])
    expect(chartsOf([run('a', [])], say)).toEqual([])
  })

  it('shows the rate of each part that has one of its own, and of many some from the bottom to the top', () => {
    const rates = Array.from({ length: 30 }, (_, at) => ({ name: `layer ${at}`, factor: (at + 1) / 30 }))
    const [chart] = chartsOf([run('a', ['learningRate'], { rates })], say)
    expect(chart!.title).toBe('Learning rate by parameter group')
    expect(chart!.lines).toHaveLength(6)
    expect(chart!.lines[0]!.curve.values).toEqual([4 / 30, 2 / 30])
    expect(chart!.lines.at(-1)!.label).toBe('layer 29')
  })

  it('reckons utilization where operations and the peak are known', () => {
    expect(titlesOf([run('a', ['unitsPerSecond'])])).toEqual(['Throughput (tokens/s)'])
    const [, mfu] = chartsOf([run('a', ['unitsPerSecond'], { flopsPerToken: 10, peakFlops: 100 })], say)
    expect(mfu!.lines[0]!.curve.values).toEqual([0.4, 0.2])
  })

  it('marks the budget of a private run, and shares the measures of evaluations among charts of six lines', () => {
    const names = Array.from({ length: 8 }, (_, at) => `measure.m${at}`)
    const charts = chartsOf([run('a', ['epsilon', ...names], { epsilonBudget: 8 })], say)
    expect(charts[0]!.marks).toEqual([{ value: 8, label: 'budget' }])
    expect(charts.slice(1).map(({ lines }) => lines.length)).toEqual([6, 2])
  })

  it('gives each measure of several runs a chart with a line of each run that has it', () => {
    const charts = chartsOf([run('a', ['loss', 'validLoss']), run('b', ['loss'])], say)
    expect(charts.map(({ title }) => title)).toEqual(['Loss: training', 'Loss: validation'])
    expect(charts[0]!.lines.map(({ label }) => label)).toEqual(['a', 'b'])
    const [chart] = chartsOf([run('a', ['loss']), run('a', ['loss'], { path: 'elsewhere/a' })], say)
    expect(chart!.lines.map(({ label }) => label)).toEqual(['runs/a', 'elsewhere/a'])
  })
})
