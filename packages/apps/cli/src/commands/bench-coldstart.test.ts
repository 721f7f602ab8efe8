import { join } from 'node:path'
import {
  askOnce,
  type ColdStart,
  coldStartText,
  comparisonRows,
  markdownReport,
  phasesIn,
  report,
} from '@hadal/load'
import { expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { createProgram } from '../program.ts'

const start = (firstRequestMillis: number, phases: Record<string, number>): ColdStart => ({
  readyMillis: 200,
  firstRequestMillis,
  firstTokenMillis: 200 + firstRequestMillis,
  promptTokens: 535,
  cachedTokens: 506,
  phases,
})
const measured = report(
  { program: 'hadal', model: 'nano', rounds: 3, systemPromptTokens: 512, flags: [] },
  { off: ['--preload', 'false'], on: ['--preload', 'true'] },
  {
    off: [start(1000, { node: 60 }), start(9000, { node: 50 }), start(1100, { node: 70 })],
    on: [start(275, { node: 40, warmUp: 20 }), start(100, { node: 30 }), start(900, { node: 60 })],
  },
)

it('reads the start phases that a service reports', () => {
  const text = `# TYPE hadal_start_seconds gauge
hadal_start_seconds{model_name="a}b",phase="node"} 0.067
hadal_start_seconds{model_name="a}b",phase="all"} 1.5
hadal_engine_ready{model_name="a}b"} 1
`
  expect(phasesIn(text)).toEqual({ node: 67, all: 1500 })
})

it('compares medians phase by phase, with the guide as reference', () => {
  expect(measured.ratio).toBe(0.25)
  expect(comparisonRows(measured)).toEqual([
    ['', 'off', 'on', 'change'],
    ['first request', '1100', '275', '-75 %'],
    ['spawn to ready', '200', '200', '+0 %'],
    ['spawn to first token', '1300', '475', '-63 %'],
    ['engine, node', '60', '40', '-33 %'],
    ['engine, warmUp', '', '0', ''],
    ['guide, first request', '1200', '350', '-71 %'],
  ])
  expect(coldStartText(measured, recordingTerminal({}).style)).toContain('506/535')
  const page = markdownReport(measured, 'a machine')
  expect(page).toContain('| first request | 1100 | 275 | -75 % |')
  expect(page).toContain('- off (`--preload false`): 1000 / 200 / 1200, 9000 / 200 / 9200')
})

it.each([
  [['--rounds', '0'], 'usage'],
  [['--system-prompt-tokens', 'x'], 'usage'],
  [['--json', join('/nowhere', 'at', 'all.json')], 'report_unwritable'],
])('refuses what it cannot do before it starts anything: %o', async (flags, code) => {
  const program = createProgram(recordingTerminal({}), () => {})
  const args = ['bench', 'coldstart', ...flags]
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ code })
})

it('says that a service did not start which does not answer', async () => {
  await expect(askOnce('http://127.0.0.1:1', 'hello')).rejects.toMatchObject({ code: 'service_not_started' })
})
