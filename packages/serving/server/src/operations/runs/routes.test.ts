import { ManualClock } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import type { RunDetail } from '@hadal/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createServer, type HadalServer } from '../../create-server.ts'
import type { RunsApi } from './api.ts'
import { ReportTickets } from './report-tickets.ts'

const run = { id: 'nano-1', name: 'nano' } as RunDetail
const api: RunsApi = {
  list: async () => ({ runs: [run], roots: [], isCut: false }),
  detail: async (id) => (id === run.id ? run : undefined),
  metrics: async (id, cursor) => (id === run.id ? ({ cursor: `${cursor}+` } as never) : undefined),
  async profile(id) {
    if (id === run.id) return { name: 'nano', isMissing: true }
    if (id === 'damaged') return { name: 'nano', unreadable: 'it ends early' }
    return undefined
  },
  async report(id, path) {
    if (path === 'huge.html') return { maxMebibytes: 32 }
    return id === run.id && path === 'page.html' ? { text: '<script>alert(1)</script>' } : undefined
  },
}

function serve(runs: RunsApi | undefined = api, keys: { adminKeys?: readonly string[] } = {}): HadalServer {
  const server = createServer({ engines: [createFakeEngine()], operations: runs ? { runs } : {}, ...keys })
  onTestFinished(() => server.close())
  return server
}

const codeOf = async (server: HadalServer, url: string): Promise<string> =>
  (await server.inject(url)).json().error.code

const openReport = (server: HadalServer, path: string, headers = {}) =>
  server.inject({ method: 'POST', url: '/hadal/runs/nano-1/report', payload: { path }, headers })

describe('GET /hadal/runs', () => {
  it('hands on what its door knows', async () => {
    const server = serve()
    expect((await server.inject('/hadal/runs')).json().runs).toEqual([run])
    expect((await server.inject('/hadal/runs/nano-1')).json()).toEqual(run)
    expect((await server.inject('/hadal/runs/nano-1/metrics?after=7:x')).json()).toEqual({ cursor: '7:x+' })
  })

  it('says what is not there', async () => {
    const server = serve()
    expect(await codeOf(server, '/hadal/runs/other')).toBe('run_not_found')
    expect(await codeOf(server, '/hadal/runs/..%2F..%2Fetc')).toBe('run_not_found')
    expect(await codeOf(server, '/hadal/runs/other/metrics')).toBe('run_not_found')
    expect(await codeOf(server, '/hadal/runs/nano-1/profile')).toBe('run_profile_missing')
    expect(await codeOf(server, '/hadal/runs/damaged/profile')).toBe('run_profile_unreadable')
    expect(await codeOf(server, `/hadal/runs/nano-1/metrics?after=${'x'.repeat(300)}`)).toBe(
      'invalid_request',
    )
    expect(await codeOf(createdWithout(), '/hadal/runs')).toBe('operation_unavailable')
  })
})

function createdWithout(): HadalServer {
  const server = createServer({ engines: [createFakeEngine()] })
  onTestFinished(() => server.close())
  return server
}

describe('a report', () => {
  it('opens once, by an address that needs no key, and runs no script', async () => {
    const server = serve(api, { adminKeys: ['admin-key'] })
    expect((await openReport(server, 'page.html')).statusCode).toBe(403)
    const made = await openReport(server, 'page.html', { authorization: 'Bearer admin-key' })
    const { url } = made.json()
    const page = await server.inject(url)
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/^sandbox; default-src 'none'/)
    expect(policy).not.toContain('script')
    expect(await codeOf(server, url)).toBe('run_report_not_found')
  })

  it('that is not there, or too large, is refused', async () => {
    const server = serve()
    expect((await openReport(server, '../secret')).json().error.code).toBe('run_report_not_found')
    expect((await openReport(server, 'huge.html')).json().error.code).toBe('run_report_too_large')
    expect((await openReport(server, '')).json().error.code).toBe('invalid_request')
  })

  it('is forgotten after a minute, and the oldest where there are many', () => {
    const clock = new ManualClock()
    const named = (path: string) => ({ run: 'nano-1', path })
    const tickets = new ReportTickets(clock)
    const first = tickets.issue(named('first'))
    for (let at = 0; at < 16; at += 1) tickets.issue(named(String(at)))
    expect(tickets.take(first)).toBeUndefined()
    const last = tickets.issue(named('last'))
    clock.advance(60_001)
    expect(tickets.take(last)).toBeUndefined()
  })
})
