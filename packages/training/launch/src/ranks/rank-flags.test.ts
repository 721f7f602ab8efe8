import { describe, expect, it } from 'vitest'
import { readRankFlags } from './rank-flags.ts'

describe('what the command line says of ranks', () => {
  it('is taken out of it, wherever it stands before --', () => {
    expect(readRankFlags(['--seed', '2', '--nproc', '4', '--restarts=3', '--', '--nproc', '9'])).toEqual({
      ranks: 4,
      restarts: 3,
      rest: ['--seed', '2', '--', '--nproc', '9'],
      saysThreads: false,
    })
    expect(readRankFlags(['--threads=1'])).toMatchObject({ ranks: undefined, restarts: 0, saysThreads: true })
  })

  it('stays in the arguments of a dry run, which uses one process', () => {
    const args = ['--nproc', '4', '--dry-run']
    expect(readRankFlags(args)).toMatchObject({ ranks: undefined, restarts: 0, rest: args })
  })

  it.each([
    [['--nproc'], "option '--nproc <number>' argument missing"],
    [['--nproc', '0'], '--nproc must be a whole number from 1 to 1024, got 0'],
    [['--nproc=two'], '--nproc must be a whole number from 1 to 1024, got two'],
    [['--restarts', '-1'], '--restarts must be a whole number from 0 to 1000, got -1'],
  ])('is refused where it is no number: %j', (args, message) => {
    expect(() => readRankFlags(args)).toThrow(expect.objectContaining({ code: 'usage', message }))
  })
})
