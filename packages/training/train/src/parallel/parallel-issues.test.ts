import { describe, expect, it } from 'vitest'
import { tinyOptions } from '../../test/tiny-run.ts'
import { defineRun, type RunOptions } from '../run.ts'

const options = tinyOptions('runs/tiny')
const issuesOf = (parallel: unknown): string => {
  try {
    defineRun({ ...options, parallel: parallel as RunOptions['parallel'] & object })
    return ''
  } catch (error) {
    return (error as Error).message.split('\n  - ').slice(1).join('\n')
  }
}

describe('how a run is divided', () => {
  it('is rejected with every issue at once', () => {
    const parallel = {
      data: 0,
      tensor: 1.5,
      expert: -1,
      sequence: 'yes',
      zero: 4,
      bucketBytes: 10,
      timeoutSeconds: 0,
      tensr: 2,
    }
    expect(issuesOf(parallel)).toBe(`parallel.tensr is unknown; did you mean tensor?
parallel.data is 0; it must be a whole number of at least 1
parallel.tensor is 1.5; it must be a whole number of at least 1
parallel.expert is -1; it must be a whole number of at least 1
parallel.sequence is "yes"; it must be true or false
parallel.zero is 4; it must be 0, 1, 2 or 3
parallel.bucketBytes is 10; it must be a whole number from 1024 to 4294967296
parallel.timeoutSeconds is 0; it must be above 0`)
    expect(issuesOf(2)).toBe('parallel is 2; it must be an object, {} for the usual values')
    expect(issuesOf({ data: 2, zero: 1 })).toBe('')
  })

  it('does not make it another run, so that it goes on in another layout', () => {
    const { fingerprint } = defineRun(options)
    expect(defineRun({ ...options, parallel: { tensor: 2, zero: 3 } }).fingerprint).toBe(fingerprint)
    expect(defineRun({ ...options, seed: 2 }).fingerprint).not.toBe(fingerprint)
  })
})
