import { tuneJob } from '@hadal/admin'
import { expect, it } from 'vitest'
import { recordingTerminal } from '../../../../test/recording-terminal.ts'
import { createProgram } from '../../../program.ts'

const context = {
  settingArgs: ['--model', 'nano'],
  configArgs: [],
  url: undefined,
  path: (name: string) => `/tmp/job/${name}`,
}

it('says every option as a flag that hadal tune has', () => {
  const options = {
    traffic: 'bursts',
    rate: 2.5,
    requests: 100,
    promptTokens: 'uniform:32,128',
    outputTokens: '64',
    embedShare: 0,
    embedTokens: '16',
    keys: 2,
    prefixes: 3,
    prefixTokens: 8,
    trafficSeed: 7,
    threadsTried: [1, 2],
    validate: 0,
    validateForMillis: 2000,
    sloTtftMillis: 300,
    sloItlMillis: 50,
  }
  const parsed = tuneJob.parse(options)
  expect(parsed).toMatchObject({ ok: true, unknown: [], value: options })
  const { args, resultFile } = tuneJob.command(options as never, context)
  expect(args.join(' ')).toContain('tune --model nano --traffic bursts --rate 2.5 --requests 100')
  expect(args.join(' ')).toContain('--threads-tried 1,2 --validate 0 --validate-for 2000ms --slo-ttft 300ms')
  expect(resultFile).toBe('result.json')

  const flags = new Set(
    createProgram(recordingTerminal(), () => {})
      .commands.find((command) => command.name() === 'tune')!
      .options.map(({ long }) => long),
  )
  expect(args.filter((arg) => arg.startsWith('--') && !flags.has(arg))).toEqual([])
})

it('takes recorded requests as a file, and refuses what is no option', () => {
  const recorded = '{"arrivalMillis":0}'
  const { args, files } = tuneJob.command({ recorded, traffic: 'poisson' }, context)
  expect(args).toContain('/tmp/job/traffic.jsonl')
  expect(files).toEqual({ 'traffic.jsonl': recorded })
  expect(tuneJob.hiddenOptions).toEqual(['recorded'])
  for (const bad of [
    { rate: 0 },
    { promptTokens: '--write' },
    { traffic: '/etc/passwd' },
    { threadsTried: [] },
    { validate: 1.5 },
  ])
    expect(tuneJob.parse(bad).ok).toBe(false)
})
