import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-simulate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['simulate', '--requests', '300', ...args], terminal)
  return { code, out: terminal.printed.join('\n'), err: terminal.noted.join('\n') }
}
const line = (request: object): string => `${JSON.stringify(request)}\n`
const request = { arrivalMillis: 5, kind: 'generate', promptTokens: 9, outputTokens: 3 }

describe('hadal simulate', () => {
  it('compares policies in a table', async () => {
    const { code, out } = await run('--traffic', 'bursts', '--embed-share', '0.5')
    expect(code).toBe(0)
    for (const name of ['as it is', 'whole prompts first', 'static batches of 32, 50 ms', 'embed p99'])
      expect(out).toContain(name)
    expect(out).not.toMatch(/NaN|undefined/)
  })

  it('says the same as JSON, and the same again', async () => {
    const [first, second] = [await run('--json', '--keys', '3'), await run('--json', '--keys', '3')]
    expect(first.out).toBe(second.out)
    const { policies } = JSON.parse(first.out)
    expect(policies[0].report.requests).toBe(300)
    expect(Object.keys(policies[0].report.keys)).toEqual(expect.arrayContaining(['key 1', 'key 2', 'key 3']))
  })

  it('takes recorded traffic and fitted costs', async () => {
    const flat = { perStep: 1000, perDecodeToken: 0, perPrefillToken: 0, perAttendedToken: 0 }
    writeFileSync(join(folder, 'costs.json'), JSON.stringify({ step: flat }))
    writeFileSync(
      join(folder, 'traffic.jsonl'),
      line(request) + line({ ...request, arrivalMillis: 7, key: 'a' }),
    )
    const { out } = await run('--traffic', 'traffic.jsonl', '--costs', 'costs.json', '--json')
    const [{ report }] = JSON.parse(out).policies
    expect(report).toMatchObject({ requests: 2, outcomes: { done: 2 } })
    expect(report.ttftMillis.max).toBe(1998)
  })

  it.each([
    ['{', 'line 1 is no JSON object'],
    [line({ ...request, kind: 'chat' }), 'line 1: kind must be'],
    [line(request) + line({ ...request, arrivalMillis: 1 }), 'line 2: arrivalMillis must be'],
    [line({ ...request, promptTokens: 0 }), 'promptTokens must be'],
    [line({ ...request, prefix: { id: 'a' } }), 'prefix must have'],
  ])('refuses traffic of %j', async (text, why) => {
    writeFileSync(join(folder, 'traffic.jsonl'), text)
    const { code, err } = await run('--traffic', 'traffic.jsonl')
    expect(code).toBe(1)
    expect(err).toContain(why)
  })

  it.each([
    [['--rate', '0'], '--rate'],
    [['--embed-share', '2'], '--embed-share'],
    [['--max-batch-size', 'x'], '--max-batch-size'],
    [['--traffic', 'nowhere.jsonl'], 'nowhere.jsonl'],
  ])('refuses %j', async (args, named) => {
    const { code, err } = await run(...args)
    expect(code).not.toBe(0)
    expect(err).toContain(named)
  })
})
