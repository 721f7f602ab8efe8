import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type FakeOpenAi, startFakeOpenAi } from '../../test/fake-openai.ts'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let server: FakeOpenAi
let folder: string
let terminal: ReturnType<typeof recordingTerminal>
beforeEach(async () => {
  terminal = recordingTerminal()
  server = await startFakeOpenAi()
  folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

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

  it('reports an unreachable server and an unexpected response', async () => {
    expect(await run('--model', 'fake', '--url', 'http://127.0.0.1:9')).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[target_refused]')
    expect(await run('--url', 'http://127.0.0.1:9')).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[target_unreachable]')
  })

  it.each(['--json', '--html'])(
    'regression: %s that cannot be written is found out before the measurement',
    async (flag) => {
      for (const path of [join(folder, 'gone', 'report'), folder]) {
        expect(await run(flag, path)).toBe(1)
        expect(terminal.noted.join('\n')).toContain(`error[report_unwritable]: cannot write ${path}`)
      }
      expect(server.requests).toEqual([])
    },
  )

  it('leaves no empty report, and an old one alone, when the measurement fails', async () => {
    const [fresh, old] = ['fresh.json', 'old.html'].map((name) => join(folder, name)) as [string, string]
    writeFileSync(old, 'before')
    Object.assign(server.behaviour, { failFrom: 0, failWith: 'coded' })
    expect(await run('--json', fresh, '--html', old)).toBe(1)
    expect(existsSync(fresh)).toBe(false)
    expect(readFileSync(old, 'utf8')).toBe('before')
  })

  describe('regression: SIGINT', () => {
    const interrupted = async (afterRequests: number, ...args: string[]): Promise<number> => {
      const running = run('--concurrency', '1,2', ...args)
      while (server.requests.length < afterRequests) await new Promise((resolve) => setTimeout(resolve, 5))
      process.emit('SIGINT', 'SIGINT')
      return running
    }

    it('before the first level stops at once', async () => {
      Object.assign(server.behaviour, { failFrom: 1, failWith: 'silence' })
      expect(await interrupted(2)).toBe(130)
      expect(terminal.noted.at(-1)).toBe('interrupted before the first measurement')
      expect(terminal.printed).toEqual([])
    })

    it('in a level gives a report that says it is partial', async () => {
      server.delays.next = 20
      const json = join(folder, 'report.json')
      expect(await interrupted(2 + 2, '--warm-up', '0', '--json', json)).toBe(130)
      expect(terminal.printed.at(-1)).toContain('partial: stopped in level 1 of 2 (1 client)')
      const report = JSON.parse(readFileSync(json, 'utf8'))
      expect(report).toMatchObject({ partial: true, levels: [{ requests: 2, failed: 0 }] })
      expect(terminal.noted.join('\n')).toContain('waiting for running requests')
    })
  })
})

describe('hadal bench serve --profile', () => {
  async function run(adminKeys: readonly string[]) {
    const hadal = createServer({ engines: [createFakeEngine({ reply: 'abcdef' })], adminKeys })
    onTestFinished(() => hadal.close())
    const { url } = await hadal.listen()
    const own = recordingTerminal({ folder })
    const args = ['--url', url, '--concurrency', '2', '--output-tokens', '3', '--profile', '0.2']
    expect(await main(['bench', 'serve', ...args], own)).toBe(0)
    const [printed, noted] = [own.printed.join('\n'), own.noted.join('\n')]
    expect(printed).toMatch(/^2 clients /m)
    return { printed, noted }
  }
  const page = (): string => join(folder, 'hadal-profile.html')

  it('has the server record itself while it is measured', async () => {
    const { printed } = await run([])
    expect(printed).toMatch(/^fake\n {2}steps /m)
    expect(readFileSync(page(), 'utf8')).toContain('<title>fake at http://')
  })

  it('measures a server that records nothing all the same', async () => {
    const { noted } = await run(['another'])
    expect(noted).toMatch(/no profile: .* returned no profile: .*--api-key/)
    expect(existsSync(page())).toBe(false)
  })
})
