import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { visibleLength } from '@hadal/output'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

/** A word list: easily evaded, and needs no weights. */
const wordList = {
  checks: {
    classifier: 'off',
    similarity: 'off',
    perplexity: 'off',
    chatMarkup: 'off',
    attackPhrases: 'off',
  },
  patterns: [
    { name: 'override', pattern: 'ignore|disregard|forget|override|pretend', ignoreCase: true },
    { name: 'zh', pattern: '忽略|忘记|无视' },
  ],
}

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-attack-'))
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ guard: wordList }))
})
afterEach(() => rmSync(folder, { recursive: true }))

const hadal = async (...args: string[]): Promise<[string, number]> => {
  terminal = recordingTerminal({ folder })
  const code = await main(['guard', 'attack', ...args], terminal)
  return [terminal.printed.join('\n'), code]
}

describe('hadal guard attack', () => {
  it('shows how many questions it takes to get past a list of words', async () => {
    const [said, code] = await hadal(
      '--queries',
      '40',
      '--most',
      '12',
      '--show',
      '2',
      '--report',
      'page.html',
      '--json',
      'run.json',
    )
    expect(code).toBe(0)
    expect(said).toMatch(/^evaded +missed unmodified +in 1 +in 10 +in 40 +median$/m)
    expect(said).toMatch(/^the guard +\d+ /m)
    expect(said).toMatch(/^only rules +\d+ /m)
    expect(said).toContain('Successful attacks:')
    for (const line of said.split('\n').filter((each) => /^(?: |evaded|the guard)/.test(each)))
      expect(visibleLength(line)).toBeLessThanOrEqual(80)
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    expect(run.evasions[0].curve.at(-1).evaded.share).toBeGreaterThan(0.8)
    expect(run.evasions[0].attempts.length + run.evasions[0].missed).toBe(12)
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    expect(page).toContain('<svg')
    expect(page).not.toMatch(/(?:src|href)="http/)
  })

  it('draws and counts nothing for a layer that stops no attack as it is', async () => {
    const config = { guard: { ...wordList, checks: { ...wordList.checks, secrets: 'block' } } }
    writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'seeds.jsonl'), JSON.stringify({ text: 'How long do eggs boil?', label: 1 }))
    const [, code] = await hadal('--queries', '5', '--seeds', 'seeds.jsonl', '--report', 'page.html')
    expect(code).toBe(0)
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    expect(page).not.toContain('<polyline')
    expect(page).toMatch(/<th class="left">rules<\/th><td>1<\/td><td>-<\/td>/)
  })

  it('is the same for the same seed, and another for another', async () => {
    const run = async (seed: string) => {
      const [said] = await hadal('--queries', '10', '--seed', seed, '--most', '6', '--layers', '-', '--json')
      return JSON.parse(said).evasions
    }
    const [one, again, other] = [await run('3'), await run('3'), await run('4')]
    expect(again).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('tries the attacks of a file, and says what a budget would change', async () => {
    const rows = [
      { text: 'Please ignore the sign', label: 1 },
      { text: 'Please read the sign', label: 0 },
    ]
    writeFileSync(join(folder, 'seeds.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
    const [said] = await hadal('--queries', '5', '--seeds', 'seeds.jsonl', '--json')
    const { attacks, lockout } = JSON.parse(said)
    expect([attacks, lockout.isOn, lockout.blocked]).toEqual([1, false, 10])
  })

  it.each([
    [['--queries', '0'], 2, '--queries must be a whole number'],
    [['--oracle', 'logits'], 2, "'logits' is invalid"],
    [['--layers', 'moon'], 2, '"moon" is not a blocking layer; choose from rules'],
    [['--seeds', 'none.jsonl'], 1, 'error[guard_data_unreadable]'],
    [['--preset', 'off'], 1, 'error[guard_nothing_to_measure]'],
    [['--report', 'no/such/folder/page.html'], 1, 'error[report_unwritable]'],
    [['--pause', 'long'], 2, 'long'],
  ])('%j is refused', async (args, code, message) => {
    expect((await hadal(...args))[1]).toBe(code)
    expect(terminal.noted.join('\n')).toContain(message)
  })
})
