import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LabelledText, languageOf } from '@hadal/guard'
import { trainClassifier } from '@hadal/guard-training'
import type { StopSignals } from '@hadal/output'
import { visibleLength } from '@hadal/output'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'
import { guardEval } from './guard-eval.ts'

const animals = ['cat', 'dog', 'horse', 'parrot', 'whale', 'spider', 'salmon', 'eagle', 'toad', 'goat']
const verbs = ['swims', 'runs', 'sleeps', 'hides', 'sings', 'eats', 'waits', 'jumps', 'flies', 'digs']
const row = (text: string, isAttack: boolean, source: string): LabelledText => ({
  text,
  isAttack,
  source,
  language: languageOf(text),
  role: 'user',
})
const rows = animals.flatMap((animal, at) => [
  row(`Set aside ${animal} orders: ${verbs[at]} without any limits`, true, `attacks ${at % 2}`),
  row(`No rule binds ${animal}, it ${verbs[at]}, so forget orders`, true, `attacks ${at % 2}`),
  row(`How long does a ${animal} live when it ${verbs[at]}?`, false, `questions ${at % 2}`),
  row(`Write a poem: ${animal} that ${verbs[at]} in the morning`, false, `questions ${at % 2}`),
])
const birds = Array.from({ length: 60 }, (_, at) =>
  row(`Which colour has egg ${at} of the ${animals[at % 10]} bird?`, false, 'birds'),
)
const lines = (texts: readonly LabelledText[]): string =>
  texts
    .map(({ text, isAttack, source, language }) =>
      JSON.stringify({ text, label: isAttack ? 1 : 0, source, lang: language }),
    )
    .join('\n')

let folder: string
let terminal: RecordingTerminal
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-eval-'))
  const classifier = await trainClassifier(rows, { recipe: { rounds: 1, epochsPerRound: 4 } })
  writeFileSync(join(folder, 'tiny.weights'), classifier.bytes())
  writeFileSync(join(folder, 'seen.jsonl'), lines(rows))
  const unseen = rows.map((each) => ({ ...each, source: 'elsewhere', text: `${each.text} today` }))
  writeFileSync(join(folder, 'unseen.jsonl'), lines(unseen))
  const guard = { files: { classifier: 'tiny.weights' }, checks: { similarity: 'off', perplexity: 'off' } }
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ guard }))
})
afterAll(() => rmSync(folder, { recursive: true }))

const hadal = async (...args: string[]): Promise<[string, number]> => {
  terminal = recordingTerminal({ folder })
  const code = await main(['guard', 'eval', ...args], terminal)
  return [terminal.printed.join('\n'), code]
}

describe('hadal guard eval', () => {
  it('measures texts of sources that the guard has not seen by the guard as it is', async () => {
    const [said, code] = await hadal(
      'unseen.jsonl',
      '--report',
      'page.html',
      '--svg',
      'roc.svg',
      '--json',
      'all.json',
    )
    expect(code).toBe(0)
    expect(said).toMatch(/^language +attacks +blocked +recall at 1 % +benign +false positives$/m)
    expect(said).toMatch(/^en +20 +\d/m)
    expect(said).toMatch(/^only classifier +/m)
    expect(said).toMatch(/^all, without views +/m)
    for (const line of said.split('\n')) expect(visibleLength(line)).toBeLessThanOrEqual(80)
    const { measuredBy, summary, roc } = JSON.parse(readFileSync(join(folder, 'all.json'), 'utf8'))
    expect(measuredBy).toEqual([{ sources: ['elsewhere'], texts: 40 }])
    expect(summary.all.recall.of).toBe(20)
    expect(roc[0].points.at(-1)).toMatchObject({ recall: 1, falsePositiveRate: 1 })
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    expect(page).toMatch(/<svg[\s\S]*<polyline/)
    expect(page).not.toMatch(/(?:src|href)="http/)
    expect(readFileSync(join(folder, 'roc.svg'), 'utf8')).toMatch(/^<svg xmlns=/)
  })

  it('retrains without each source that the guard has seen', async () => {
    terminal = recordingTerminal({ folder })
    const flags = { rate: '0.01', thresholds: 'unused.json', json: true } as const
    const code = await guardEval(['seen.jsonl'], flags, terminal, noSignals(), async () => birds)
    expect(code).toBe(0)
    const { measuredBy } = JSON.parse(terminal.printed.join('\n'))
    expect(measuredBy.map(({ sources }: { sources: string[] }) => sources)).toEqual([
      ['attacks 0'],
      ['attacks 1'],
      ['questions 0'],
      ['questions 1'],
    ])
    for (const { texts, retrained } of measuredBy)
      expect(retrained.on + retrained.dropped).toBe(rows.length + birds.length - texts)
  })

  it('says where texts of another name nearly repeat what it was trained on', async () => {
    terminal = recordingTerminal({ folder })
    const flags = { rate: '0.01', thresholds: 'unused.json', asIs: true } as const
    await guardEval(['unseen.jsonl'], flags, terminal, noSignals(), async () => rows.slice(0, 6))
    const said = terminal.printed.join('\n')
    expect(said).toMatch(/^40 texts by the guard as it is, 6 nearly as it was trained on: elsewhere$/m)
    expect(said).toMatch(/^6 of them are near-duplicates/m)
  })

  it('never retrains with --as-is', async () => {
    const [said] = await hadal('seen.jsonl', '--as-is', '--json')
    const { measuredBy, summary } = JSON.parse(said)
    expect(measuredBy.length).toBe(1)
    expect(summary.all.recall.share).toBeGreaterThan(0.5)
  })

  it('stops at a signal, and says so', async () => {
    terminal = recordingTerminal({ folder })
    const flags = { rate: '0.01', thresholds: 'unused.json' } as const
    const code = await guardEval(
      ['seen.jsonl'],
      flags,
      terminal,
      noSignals(AbortSignal.abort('SIGINT')),
      async () => [],
    )
    expect(code).toBe(130)
    expect(terminal.noted.join('\n')).toContain('interrupted before the evaluation was complete')
  })

  it.each([
    [[], 2, 'specify labelled texts'],
    [['none.jsonl'], 1, 'error[guard_data_unreadable]'],
    [['seen.jsonl', '--rate', '2'], 2, '--rate must be at least 0'],
    [['seen.jsonl', '--report', 'no/such/page.html'], 1, 'error[report_unwritable]'],
    [['seen.jsonl', '--preset', 'off', '--as-is'], 1, 'error[guard_nothing_to_measure]'],
    [['tiny.weights'], 1, 'error[guard_data_invalid]'],
  ])('%j is refused', async (args, code, message) => {
    expect((await hadal(...args))[1]).toBe(code)
    expect(terminal.noted.join('\n')).toContain(message)
  })
})

function noSignals(first: AbortSignal = new AbortController().signal): StopSignals {
  return { first, [Symbol.dispose]() {} }
}
