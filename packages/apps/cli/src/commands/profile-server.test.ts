import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceSettings } from '@hadal/config'
import { createFakeEngine } from '@hadal/engine'
import { profileAddress } from '@hadal/load'
import type { StopSignals } from '@hadal/output'
import { readChromeTrace, servingSettings } from '@hadal/profiling'
import { createServer, type ServerOptions } from '@hadal/server'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'
import { type ProfileServerFlags, profileServer } from './profile-server.ts'

let folder: string
let terminal: ReturnType<typeof recordingTerminal>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-profile-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  terminal = recordingTerminal({ folder })
})

const profile = (url: string, flags: ProfileServerFlags = {}, stop?: StopSignals) =>
  profileServer(url, { seconds: '0.05', ...flags }, terminal, stop)

async function serve(options: Partial<ServerOptions> = {}): Promise<string> {
  const engine = createFakeEngine({ reply: 'abc' })
  const server = createServer({ engines: [engine], ...options })
  onTestFinished(() => server.close())
  return (await server.listen()).url
}

/** A server that answers everything alike. */
async function answering(status: number, body: string): Promise<string> {
  const server: Server = createHttpServer((_, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('hadal profile of a server', () => {
  it('prints what it found, and writes the trace and the page', async () => {
    const url = await serve()
    let asks = true
    const asking = (async () => {
      const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] })
      const headers = { 'content-type': 'application/json' }
      while (asks) await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, headers })
    })()
    expect(await profile(url, { seconds: '1' })).toBe(0)
    asks = false
    await asking
    const said = terminal.printed.join('\n')
    expect(said).toMatch(/^fake\n {2}steps .* each, /)
    expect(said).toMatch(/^ {2}requests .* chat/m)
    const { spans } = readChromeTrace(readFileSync(join(folder, 'hadal-profile.json')))
    expect(new Set(spans.map(({ category }) => category))).toContain('request')
    expect(readFileSync(join(folder, 'hadal-profile.html'), 'utf8')).toContain('<title>fake at http://')
    expect(terminal.noted.at(-1)).toBe(
      '\nhadal-profile.html is the page, hadal-profile.json the trace (ui.perfetto.dev opens it)',
    )

    // Its trace says the same later.
    const again = recordingTerminal({ folder })
    expect(await main(['profile', 'hadal-profile.json', '--html', 'again.html'], again)).toBe(0)
    const [own, before] = [again, terminal].map((each) => each.printed.slice(0, 2))
    expect(own).toEqual(before)
    expect(readFileSync(join(folder, 'again.html'), 'utf8')).toContain('<title>fake at hadal-profile.json')
  })

  it('prints JSON, and nothing else', async () => {
    const [trace, html] = [join(folder, 't.json'), join(folder, 'p.html')]
    expect(await profile(`${await serve()}/v1/`, { json: true, trace, html })).toBe(0)
    expect(JSON.parse(terminal.printed.join('\n'))).toEqual({ models: [], advice: [], notes: [] })
    expect([trace, html].map((path) => existsSync(path))).toEqual([true, true])
  })

  it('gives the key of an administrator', async () => {
    const url = await serve({ apiKeys: ['client'], adminKeys: ['admin'] })
    expect(await profile(url, { apiKey: 'admin' })).toBe(0)
    await expect(profile(url, { apiKey: 'client' })).rejects.toMatchObject({
      code: 'profile_refused',
      message: expect.stringContaining('(status 403)'),
      help: expect.stringContaining('--api-key'),
    })
  })

  it('says what the server does not do', async () => {
    const url = await serve()
    await expect(profile(url, { seconds: '61' })).rejects.toMatchObject({
      message: expect.stringContaining('seconds must be at most 60, got 61'),
      help: expect.not.stringContaining('adminKeys'),
    })
    await expect(profile(url, { model: 'gone' })).rejects.toThrow('(status 404)')
    await expect(profile(await answering(404, 'nothing here'))).rejects.toThrow(
      'returned no profile: status 404',
    )
    await expect(profile(await answering(500, '{"error":{}}'))).rejects.toThrow('status 500')
    await expect(profile(await answering(200, 'fine'))).rejects.toMatchObject({
      code: 'profile_trace_unreadable',
    })
    await expect(profile('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'target_unreachable' })
  })

  it('refuses what it cannot read, and files that cannot be written, before it asks', async () => {
    const usage = { code: 'usage' }
    await expect(profile('http://')).rejects.toMatchObject(usage)
    for (const seconds of ['', '0', '-1', 'ten'])
      await expect(profile('http://127.0.0.1:9', { seconds })).rejects.toMatchObject(usage)
    const html = join(folder, 'gone', 'page.html')
    await expect(profile('http://127.0.0.1:9', { html })).rejects.toMatchObject({ code: 'report_unwritable' })
  })

  it('ends with a signal', async () => {
    const controller = new AbortController()
    const stop: StopSignals = { first: controller.signal, [Symbol.dispose]: () => {} }
    const ending = profile(await serve(), { seconds: '30' }, stop)
    setTimeout(() => controller.abort('SIGINT'), 50)
    expect(await ending).toBe(130)
    expect(terminal.noted.at(-1)).toBe('stopped before anything was recorded')
  })
})

it('derives the profile address from the API address', () => {
  for (const url of ['http://h:1', 'http://h:1/', 'http://h:1/v1', 'http://h:1/v1/'])
    expect(profileAddress(url)).toBe('http://h:1/hadal/profile')
})

it('advises settings that there are', () => {
  for (const setting of servingSettings) expect(Object.keys(serviceSettings)).toContain(setting)
})
