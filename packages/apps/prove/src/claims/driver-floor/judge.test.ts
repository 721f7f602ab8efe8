import { describe, expect, it } from 'vitest'
import { judgedAnswer } from './ask-doctor.ts'
import { judge, type Raw } from './judge.ts'
import { edges, isOlder } from './versions.ts'

const tooOld = (driver: string) =>
  ({
    driver,
    severity: 'error',
    says: `driver ${driver} is older than 470.57.02, which CUDA 11.4 needs`,
  }) as const
const fine = (driver: string) => ({ driver, severity: 'ok', says: `driver ${driver} runs CUDA 12` }) as const
const warned = (driver: string) =>
  ({ driver, severity: 'warning', says: 'runs CUDA 11.4 and not 12' }) as const
const command = { code: 4, seconds: 1 }

const good: Raw = {
  seed: 1,
  judged: [tooOld('470.57.01'), warned('470.57.02'), fine('550.54.15')],
  commands: [{ ...tooOld('470.57'), ...command }],
}

describe('driver-floor', () => {
  it('is partly where all answers were imitated, and says so', () => {
    const { verdict, measured, reason } = judge(good)
    expect(verdict).toBe('partly')
    expect(measured).toBe('2 of 2 drivers below 470.57.02 found, 0 of 2 newer ones refused; no GPU here')
    expect(reason).toContain('imitated')
  })

  it('is reproduced where the real driver was read, too', () => {
    expect(judge({ ...good, real: { ...fine('550.54.15'), code: 0, seconds: 1 } }).verdict).toBe('reproduced')
    const old = { ...fine('450.80.02'), code: 0, seconds: 1 }
    expect(judge({ ...good, real: old })).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringContaining('450.80.02'),
    })
  })

  it.each([
    ['one is missed', { judged: [fine('470.57.01')] }, 'Not found: 470.57.01'],
    ['one is only warned of', { judged: [warned('390.157')] }, 'Not found: 390.157'],
    ['a new one is refused', { judged: [tooOld('550.54.15')] }, 'refused: 550.54.15'],
    ['CUDA 11 alone warns nobody', { judged: [tooOld('390.157'), fine('510.85.02')] }, '510.85.02'],
    ['scripts could not tell', { commands: [{ ...tooOld('390.157'), ...command, code: 0 }] }, 'code 0'],
  ] as const)('is not where %s', (_, changed, reason) => {
    expect(judge({ ...good, ...changed })).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringContaining(reason),
    })
  })

  it('shows nothing where no driver was too old', () => {
    expect(judge({ ...good, judged: [fine('550.54.15')], commands: [] }).verdict).toBe('not reproduced')
  })

  it('asks the doctor itself', () => {
    expect(judge({ ...good, judged: edges.map(judgedAnswer) }).verdict).toBe('partly')
  })

  it('compares versions by their numbers', () => {
    expect(['470.57', '470.57.1', '99.1'].map((version) => isOlder(version, '470.57.02'))).toEqual([
      true,
      true,
      true,
    ])
    expect(['470.57.02', '470.100', '1000.0'].map((version) => isOlder(version, '470.57.02'))).toEqual([
      false,
      false,
      false,
    ])
  })
})
