import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadDeployment } from '@hadal/cluster'
import { type Deployment, readRecording } from '@hadal/fleet'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../../../apps/cli/test/recording-terminal.ts'
import { recordRange, samplesOf } from './record-range.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function prometheus(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** One value a query and time. */
function answering(
  figureOf: (query: string, seconds: number) => string | undefined,
  requested: URLSearchParams[] = [],
) {
  return prometheus(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const params = new URLSearchParams(Buffer.concat(parts).toString())
    requested.push(params)
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(params.get(name))) as [
      number,
      number,
      number,
    ]
    const values: [number, string][] = []
    for (let at = start; at <= end; at += step) {
      const value = figureOf(params.get('query')!, at)
      if (value !== undefined) values.push([at, value])
    }
    const result = values.length === 0 ? [] : [{ metric: {}, values }]
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }))
  })
}

const deployment = (): Promise<Deployment> =>
  loadDeployment({}, recordingTerminal({ folder: '/nonexistent', env: {} }))
async function record(url: string, more: object = {}) {
  const loaded = await deployment()
  return recordRange(loaded, loaded.engines[0]!, {
    url,
    from: 1_000_000_000_000,
    to: 1_000_000_060_000,
    stepMillis: 15_000,
    daysBefore: 0,
    timeoutMillis: 20_000,
    signal: new AbortController().signal,
    ...more,
  })
}

describe('a recorded range', () => {
  it('has a value for each step, and none where there is no number', async () => {
    const odd: Record<number, string | undefined> = {
      1000000005: 'NaN',
      1000000020: undefined,
      1000000035: '+Inf',
      1000000050: '140',
    }
    const url = await answering((query, at) =>
      query.includes('GPU_UTIL') && !query.startsWith('count') ? odd[at] : '2',
    )
    const recording = await record(url)
    // The first step at a whole multiple of steps.
    expect(recording.startAt).toBe(1_000_000_005_000)
    expect(recording.busyPercent).toEqual([null, null, null, 140])
    expect(recording.backlog).toEqual([2, 2, 2, 2])
    expect(readRecording(JSON.stringify(recording), 'saved')).toEqual(recording)
  })

  it('asks in parts that Prometheus answers, and for days before', async () => {
    const requested: URLSearchParams[] = []
    const url = await answering(() => '70', requested)
    const { busyPercent, before } = await record(url, {
      to: 1_000_000_000_000 + 15_000 * 25_000,
      daysBefore: 8,
    })
    expect(busyPercent.length).toBe(25_000)
    expect(busyPercent.every((value) => value === 70)).toBe(true)
    expect(before!.busyPercent.length).toBe(8 * 288)
    for (const params of requested)
      expect(
        (Number(params.get('end')) - Number(params.get('start'))) / Number(params.get('step')),
      ).toBeLessThan(11_000)
  })

  it.each<[string, RequestListener, string]>([
    [
      'a page',
      (_, response) => void response.end('<html>'),
      'the server does not look like Prometheus; it returned: <html>',
    ],
    [
      'a refusal',
      (_, response) => void response.writeHead(503).end('overloaded'),
      'Prometheus returned status 503',
    ],
    [
      'an error',
      (_, response) => void response.writeHead(422).end('{"status":"error","error":"query timed out"}'),
      'Prometheus rejected the query: query timed out',
    ],
    [
      'two series',
      (_, response) =>
        void response.end(
          '{"status":"success","data":{"resultType":"matrix","result":[{"values":[]},{"values":[]}]}}',
        ),
      'expected one series, got 2',
    ],
    [
      'a vector',
      (_, response) =>
        void response.end('{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"2"]}]}}'),
      'its response is not a range of samples',
    ],
    ['a hang-up', (request) => void request.socket.destroy(), 'the connection was closed'],
  ])('that is answered with %s fails with a reason', async (_, answer, why) => {
    await expect(record(await prometheus(answer))).rejects.toMatchObject({
      code: 'scale_range_failed',
      message: expect.stringContaining(why),
    })
  })

  it('can be given up', async () => {
    const url = await prometheus(() => {})
    const giveUp = new AbortController()
    const recording = record(url, { signal: giveUp.signal })
    giveUp.abort(new Error('enough'))
    await expect(recording).rejects.toThrow('enough')
  })
})

it('any series are samples, or a reason', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (series) => {
      expect(['string', 'object']).toContain(typeof samplesOf(series))
    }),
  )
})

it('says no password', async () => {
  const url = (await prometheus((_, response) => void response.end('<html>'))).replace(
    '//',
    `//anna:${'pass'}word@`,
  )
  const error: Error = (await record(url).catch((thrown: Error) => thrown)) as Error
  expect(error.message).toContain('http://127.0.0.1')
  expect(error.message).not.toContain('password')
})
