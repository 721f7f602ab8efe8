import { createStyle, visibleLength } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import { madeProveReport } from '../../../cli/test/made-prove-report.ts'
import { progressLine, resultLine, roundTime } from './progress-text.ts'
import { reportText } from './report-text.ts'

const plain = createStyle(false)
const report = madeProveReport()

describe.each([60, 80, 120, 200])('on %i columns', (columns) => {
  const text = reportText(report, createStyle(true), columns)

  it('fits', () => {
    const over = text.split('\n').filter((line) => visibleLength(line) > columns)
    expect(over).toEqual([])
  })

  it('says all of it', () => {
    const words = reportText(report, plain, columns).replace(/\s+/g, ' ')
    for (const { command, judgement } of report.results)
      for (const part of [command, judgement?.reason ?? '', judgement?.conditions ?? ''])
        expect(words).toContain(part)
    expect(words).toContain('1 reproduced, 1 not reproduced, 1 not here, 1 failed, 1 not reached')
    expect(words).toContain('interrupted before: five')
    expect(words).toContain('error[claim_crashed] rerun')
  })
})

it('puts claimed and measured values side by side when there is room', () => {
  const lines = reportText(report, plain, 120).split('\n')
  expect(lines[0]).toMatch(/^claim +claimed +measured +verdict$/)
  expect(lines[2]).toMatch(/^The claim .* 42 % more .* \+38 % .* reproduced$/)
})

it('says in a line what is measured, and what was', () => {
  const claim = { id: 'loss-scale' } as Parameters<typeof progressLine>[0]['claim']
  const at = { claim, number: 2, of: 16, sinceMillis: 4400, remainingMillis: 93_400 }
  expect(progressLine({ ...at, note: 'round 1\nof 2' }, 80)).toBe(
    '2/16 loss-scale · 4 s · about 1m 33s left · round 1',
  )
  expect(progressLine({ ...at, note: 'x'.repeat(200) }, 80)).toHaveLength(79)
  expect(resultLine(report.results[0]!, plain, 80)).toBe('reproduced  one (12 s)  +38 %  (1.38 of 1.42)')
  expect(roundTime(400)).toBe('0 s')
})
