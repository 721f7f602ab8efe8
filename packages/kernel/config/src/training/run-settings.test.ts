import { describe, expect, it } from 'vitest'
import { readSettings } from '../resolve.ts'
import { flagName } from '../setting.ts'
import { runSettings } from './run-settings.ts'
import { trainingSettingsPage } from './settings-page.ts'

const rows = Object.entries(runSettings)
const keyOf = (flag: string): string | undefined => rows.find(([, row]) => flagName(row.flag!) === flag)?.[0]

describe('the settings of a run', () => {
  it('have flags that are their place, as those of `hadal serve` are', () => {
    expect(keyOf('--schedule-warmup-steps')).toBe('schedule.warmupSteps')
    expect(keyOf('--optimizer-beta2-decay')).toBe('optimizer.beta2Decay')
    expect(keyOf('--clip-norm')).toBe('clipNorm')
    expect(new Set(rows.map(([, row]) => row.flag)).size).toBe(rows.length)
  })

  it('may each be left open', () => {
    for (const [, row] of rows) expect(row.kind.schema.safeParse(undefined).success).toBe(true)
  })

  it('are on their page with default and flag', () => {
    const page = trainingSettingsPage()
    for (const [key, row] of rows) {
      expect(page).toContain(`| [\`${key}\`](#`)
      expect(page).toContain(`## ${key}\n\n${row.doc}`)
    }
    expect(page).toContain('| [`seed`](#seed) | 1 | `--seed <number>` |')
  })
})

describe('reading them', () => {
  const read = (flags: Record<string, unknown>, unknownArguments: string[] = []) =>
    readSettings(runSettings, { flags, unknownArguments })

  it('returns typed values, and leaves unset ones undefined', () => {
    const { values, issues } = read({ 'schedule.peak': '1e-3', 'optimizer.nesterov': 'true', seed: '7' })
    expect(issues).toEqual([])
    expect(values['schedule.peak']).toBe(0.001)
    expect(values['optimizer.nesterov']).toBe(true)
    expect(values.seed).toBe(7)
    expect(values['batch.windows']).toBeUndefined()
  })

  it('reports every error, with the closest flag for an unknown one', () => {
    const given = {
      'schedule.peak': '0',
      seed: '-1',
      precision: 'fp4',
      'average.decay': '1',
      'batch.windows': 'x',
    }
    const { issues } = read(given, ['--schedule-peek', '3', '--schedule.totalSteps=9', 'astray', 'again'])
    expect(issues).toEqual([
      '--seed: "-1" is not a whole number of at least 0',
      '--precision: "fp4" is not one of fp32, bf16, fp16, fp8',
      '--batch-windows: "x" is not a whole number of at least 1',
      '--average-decay: "1" is not a number above 0 and below 1',
      '--schedule-peak: "0" is not a number above 0',
      '--schedule-peek: there is no such flag; did you mean --schedule-peak?',
      '--schedule.totalSteps: there is no such flag; did you mean --schedule-total-steps?',
      'astray: unexpected argument',
      'again: unexpected argument',
    ])
  })
})
