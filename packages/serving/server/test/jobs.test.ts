/** Job and tuning routes with stubs that run nothing. */

import { request } from 'node:http'
import {
  type JobDetail,
  type JobEvent,
  type JobSummary,
  parse,
  SseDecoder,
  type TuneApply,
  tuneJobSchema,
} from '@hadal/protocol'
import { type JobsApi, jobRunning, jobsFull, jobUnstarted, type Operations } from '@hadal/server'
import { describe, expect, it } from 'vitest'
import { post, serve } from './serving.ts'

interface FakeJobs extends JobsApi {
  readonly started: { kind: string; options: unknown }[]
  /** Emits to followers and records the event. */
  notify(event: JobEvent): void
  readonly watchers: Set<(event: JobEvent) => void>
}

const summary: JobSummary = {
  id: 'tune-1',
  kind: 'tune',
  state: 'running',
  command: 'hadal tune',
  options: {},
  startedAt: 1,
}

function fakeJobs(lines: readonly string[] = ['one']): FakeJobs {
  let job: JobDetail = { ...summary, lines, progress: [{ type: 'slowdown', factor: 1 }] }
  const watchers = new Set<(event: JobEvent) => void>()
  const started: FakeJobs['started'] = []
  return {
    kinds: ['tune'],
    started,
    watchers,
    parse: (_, options) => parse(tuneJobSchema, options),
    list: () => [summary],
    find: (id) => (id === job.id ? job : undefined),
    async start(kind, options) {
      started.push({ kind, options })
      return summary
    },
    async cancel() {
      job = { ...job, state: 'cancelled' }
      return job
    },
    follow(_, onEvent) {
      watchers.add(onEvent)
      return { [Symbol.dispose]: () => void watchers.delete(onEvent) }
    },
    notify(event) {
      if (event.type === 'ended') job = event.job
      for (const watch of watchers) watch(event)
    },
  }
}

function serving(operations: Operations = {}) {
  const jobs = fakeJobs()
  const { server } = serve({}, { operations: { jobs, ...operations } })
  return { jobs, server }
}

/** Until the stream ends or `enough` returns true. */
function eventsOf(url: string, enough: (events: readonly unknown[]) => boolean): Promise<unknown[]> {
  const events: unknown[] = []
  const decoder = new SseDecoder()
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers: { accept: 'text/event-stream' } }, (answer) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        for (const { event, data } of decoder.push(text)) events.push({ type: event, ...JSON.parse(data) })
        if (enough(events)) asking.destroy()
      })
      answer.on('close', () => resolve(events))
    })
    asking.on('error', reject)
    asking.end()
  })
}

describe('jobs', () => {
  it('are started with options that their kind takes, and with no others', async () => {
    const { jobs, server } = serving()
    const made = await post(server, '/hadal/jobs', { kind: 'tune', options: { rate: 2, validate: 0 } })
    expect(made.status).toBe(201)
    expect(made.json()).toMatchObject({ id: 'tune-1', state: 'running' })
    expect(jobs.started).toEqual([{ kind: 'tune', options: { rate: 2, validate: 0 } }])
    await post(server, '/hadal/jobs', { kind: 'tune' })
    expect(jobs.started.at(-1)?.options).toEqual({})

    const wrong = await post(server, '/hadal/jobs', { kind: 'tune', options: { rate: -1 } })
    expect(wrong.json().error).toMatchObject({ code: 'invalid_request', param: 'options.rate' })
    const unknown = await post(server, '/hadal/jobs', { kind: 'tune', options: { rates: 1 } })
    expect(unknown.headers['x-hadal-ignored-parameters']).toBe('options.rates')
    const kindless = await post(server, '/hadal/jobs', { kind: 'rm' })
    expect(kindless.json().error).toMatchObject({ code: 'invalid_request', param: 'kind' })
    const other = await post(server, '/hadal/jobs', { kind: 'doctor' })
    expect(other.status).toBe(404)
    expect(other.json().error.code).toBe('job_kind_unavailable')
  })

  it.each([
    [jobRunning('tune', 'tune-1'), 'job_running', 409],
    [jobsFull(3), 'jobs_full', 503],
    [jobUnstarted('tune', 'no memory'), 'job_unstarted', 500],
  ])('that cannot be started say why: %s', async (error, code, status) => {
    const jobs = fakeJobs()
    const { server } = serving({ jobs: { ...jobs, start: () => Promise.reject(error) } })
    const answer = await post(server, '/hadal/jobs', { kind: 'tune' })
    expect([answer.status, answer.json().error.code]).toEqual([status, code])
  })

  it('are listed, found, ended, and unknown where there is none', async () => {
    const { server } = serving()
    expect((await server.inject('/hadal/jobs')).json()).toEqual({ jobs: [summary], kinds: ['tune'] })
    expect((await server.inject('/hadal/jobs/tune-1')).json()).toMatchObject({ lines: ['one'] })
    const ended = await server.inject({ method: 'DELETE', url: '/hadal/jobs/tune-1' })
    expect(ended.json()).toMatchObject({ state: 'cancelled' })
    for (const method of ['GET', 'DELETE'] as const) {
      const missing = await server.inject({ method, url: '/hadal/jobs/..%2f..%2fetc' })
      expect(missing.json().error.code).toBe('job_unknown')
    }
  })

  it('stream past and new events until they end', async () => {
    const { jobs, server } = serving()
    const { url } = await server.listen()
    const all = eventsOf(`${url}/hadal/jobs/tune-1`, () => false)
    await expect.poll(() => jobs.watchers.size).toBe(1)
    jobs.notify({ type: 'line', text: 'two' })
    jobs.notify({ type: 'ended', job: { ...summary, state: 'done', lines: [], progress: [] } })
    expect(await all).toEqual([
      { type: 'line', text: 'one' },
      { type: 'progress', value: { type: 'slowdown', factor: 1 } },
      { type: 'line', text: 'two' },
      { type: 'ended', job: expect.objectContaining({ state: 'done' }) },
    ])
    await expect.poll(() => jobs.watchers.size).toBe(0)
    const late = await eventsOf(`${url}/hadal/jobs/tune-1`, () => false)
    expect(late).toEqual([{ type: 'ended', job: expect.objectContaining({ state: 'done' }) }])
  })

  it('stream all of a long log and result, even to a slow reader', async () => {
    const jobs = fakeJobs(Array.from({ length: 2000 }, () => 'x'.repeat(2000)))
    const { server } = serving({ jobs })
    const { url } = await server.listen()
    const all = eventsOf(`${url}/hadal/jobs/tune-1`, () => false)
    await expect.poll(() => jobs.watchers.size).toBe(1)
    jobs.notify({ type: 'line', text: 'last' })
    const result = 'y'.repeat(4_000_000)
    jobs.notify({ type: 'ended', job: { ...summary, state: 'done', lines: [], progress: [], result } })
    const events = await all
    expect(events).toHaveLength(2003)
    expect(events.at(-1)).toEqual({ type: 'ended', job: expect.objectContaining({ result }) })
  })

  it('release readers that left, and accept up to 32', async () => {
    const { jobs, server } = serving()
    const { url } = await server.listen()
    const stop = new AbortController()
    const readers = Array.from({ length: 32 }, () =>
      fetch(`${url}/hadal/jobs/tune-1`, {
        headers: { accept: 'text/event-stream' },
        signal: stop.signal,
      }),
    )
    await Promise.all(readers)
    const refused = await fetch(`${url}/hadal/jobs/tune-1`, { headers: { accept: 'text/event-stream' } })
    expect(refused.status).toBe(503)
    stop.abort()
    await expect.poll(() => jobs.watchers.size).toBe(0)
    await eventsOf(`${url}/hadal/jobs/tune-1`, (events) => events.length > 0)
  })

  it('are for administrators, and no part of a server that has none', async () => {
    const { server } = serve({}, { operations: { jobs: fakeJobs() }, adminKeys: ['root'] })
    for (const path of ['/hadal/jobs', '/hadal/jobs/tune-1', '/hadal/tune'])
      expect((await server.inject(path)).statusCode).toBe(403)
    const { server: bare } = serve()
    for (const path of ['/hadal/jobs', '/hadal/jobs/x', '/hadal/tune'])
      expect((await bare.inject(path)).json().error.code).toBe('operation_unavailable')
  })
})

describe('settings that were tuned', () => {
  it('are handed to who writes them, once they are read', async () => {
    const applied: TuneApply[] = []
    const { server } = serving({
      tune: {
        status: async () => ({
          settings: { threads: 2 },
          slo: {},
          config: { file: 'hadal.config.ts', isThere: true, isWatched: false },
        }),
        async apply(apply) {
          applied.push(apply)
          const { dryRun = false } = apply
          return {
            file: 'hadal.config.ts',
            isNew: false,
            hunks: [],
            revision: 'r',
            isWritten: !dryRun,
            live: [],
            restart: ['threads'],
            overridden: [],
          }
        },
      },
    })
    expect((await server.inject('/hadal/tune')).json()).toMatchObject({ settings: { threads: 2 } })
    const requested = { knobs: { threads: 4, speculation: 'off' }, dryRun: true }
    const answer = await post<{ isWritten: boolean }>(server, '/hadal/tune/apply', requested)
    expect(answer.json()).toMatchObject({ isWritten: false, restart: ['threads'] })
    expect(applied).toEqual([requested])
    for (const [knobs, param] of [
      [{ threads: 'all' }, 'knobs.threads'],
      [{ maxBatchSize: 0 }, 'knobs.maxBatchSize'],
      [{ speculation: "off', evil: '" }, 'knobs.speculation'],
      [{ maxBatchsize: 8 }, 'knobs'],
    ])
      expect((await post(server, '/hadal/tune/apply', { knobs })).json().error.param).toBe(param)
    expect(applied).toHaveLength(1)

    const formerly = { knobs: { maxPrefillTokensBesideDecodes: 64 }, dryRun: true }
    await post(server, '/hadal/tune/apply', formerly)
    expect(applied[1]).toEqual({ knobs: { maxPrefillTokensWhileDecoding: 64 }, dryRun: true })
  })
})
