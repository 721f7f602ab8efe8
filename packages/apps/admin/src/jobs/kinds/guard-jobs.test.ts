import { describe, expect, it } from 'vitest'
import type { JobContext, JobKindEntry } from '../job-kind.ts'
import { guardEvalJob } from './guard-eval.ts'
import { guardLearnJob } from './guard-learn.ts'

const context: JobContext = {
  settingArgs: ['--config', 'a.json', '--port', '1'],
  configArgs: ['--config', 'a.json'],
  url: undefined,
  path: (name) => `/job/${name}`,
}

function commandOf<Options>(job: JobKindEntry<Options>, options: unknown) {
  const parsed = job.parse(options)
  if (!parsed.ok) throw new Error(parsed.issues.map(({ param }) => param).join())
  return job.command(parsed.value, context)
}

describe('a job that learns an attack', () => {
  it('receives the text on standard input, not in the process list', () => {
    const { args, input } = commandOf(guardLearnJob, { text: '--list' })
    expect(args).toEqual([...['guard', 'learn', '-', '--config', 'a.json', '--source', 'console', '--json']])
    expect(input).toBe('--list')
    expect(guardLearnJob.hiddenOptions).toEqual(['text'])
  })

  it.each([[{ text: '' }], [{ text: 'x'.repeat(70_000) }], [{ text: 'x', source: '--forget' }], [{}]])(
    '%#: is refused',
    (options) => expect(() => commandOf(guardLearnJob, options)).toThrow(),
  )
})

describe('a job that measures the guard', () => {
  it('measures by what comes with Hadal, or by texts that are given as a file of its own', () => {
    const bundled = commandOf(guardEvalJob, { source: 'bundled', rate: 0.02, preset: 'strict', asIs: true })
    expect(bundled.args.join(' ')).toBe(
      'guard eval --texts bundled --config a.json --preset strict --rate 0.02 --as-is --json /job/report.json',
    )
    expect(bundled.resultFile).toBe('report.json')
    const given = commandOf(guardEvalJob, { given: '{"text":"x","label":1}' })
    expect(given.args.slice(0, 3)).toEqual(['guard', 'eval', '/job/given.jsonl'])
    expect(given.files).toEqual({ 'given.jsonl': '{"text":"x","label":1}' })
  })

  it.each([
    [{ source: '/etc/passwd' }],
    [{ source: 'bundled', rate: 2 }],
    [{ preset: '--json' }],
    [{ given: '' }],
  ])('%#: is refused', (options) => expect(() => commandOf(guardEvalJob, options)).toThrow())
})
