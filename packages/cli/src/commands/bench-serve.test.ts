import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeOpenAi, startFakeOpenAi } from '../../test/fake-openai.ts'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let server: FakeOpenAi
let folder: string
beforeEach(async () => {
  server = await startFakeOpenAi()
  folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const terminal = recordingTerminal()
const run = (...args: string[]) =>
  main(['bench', 'serve', '--url', server.url, '--output-tokens', '3', ...args], terminal)

describe('hadal bench serve', () => {
  it('prints a report, and writes it as JSON and as a page', async () => {
    const [json, html] = ['report.json', 'report.html'].map((name) => join(folder, name)) as [string, string]
    expect(await run('--concurrency', '1,2', '--json', json, '--html', html)).toBe(0)
    expect(terminal.printed.join('\n')).toMatch(/^1 client .*\n2 clients /m)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report.levels.map((level: { outputTokens: number }) => level.outputTokens)).toEqual([24, 24])
    expect(report.target.model).toBe('fake')
    expect(readFileSync(html, 'utf8')).toContain('<svg')
    expect(server.requests.at(-1)!.body).toMatchObject({ ignore_eos: true })
  })

  it('sends arrivals at a rate, and leaves out what a server may not know', async () => {
    expect(await run('--rate', '200', '--requests', '5', '--no-ignore-eos', '--warm-up', '0')).toBe(0)
    expect(server.requests.at(-1)!.body).not.toHaveProperty('ignore_eos')
    expect(server.requests).toHaveLength(2 + 5)
  })

  it('fails when every request does', async () => {
    Object.assign(server.behaviour, { failFrom: 2, failWith: 'coded' })
    expect(await run('--concurrency', '1', '--warm-up', '0')).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[load_failed]: 8 of 8 requests failed')
    expect(terminal.printed.at(-1)).toContain('8 queue_full')
  })

  it('says that nobody answers, or not as expected', async () => {
    expect(await run('--model', 'fake', '--url', 'http://127.0.0.1:9')).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[target_refused]')
    expect(await run('--url', 'http://127.0.0.1:9')).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[target_unreachable]')
  })
})
