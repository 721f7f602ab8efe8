import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connection, connectionOf, heard, pauseMillis, watchConnection } from './connection.ts'

describe('what /ready says', () => {
  it('is that the server answers, starts, ends, or is not there', () => {
    expect(connectionOf(200, { status: 'ready' })).toBe('up')
    expect(connectionOf(503, { status: 'not ready' })).toBe('starting')
    expect(connectionOf(503, { status: 'draining' })).toBe('ending')
  })

  it('is nothing where a proxy answers in the place of the server', () => {
    expect(connectionOf(502, undefined)).toBe('down')
    expect(connectionOf(503, '<html>')).toBe('down')
  })

  it('is asked sooner at first, and never seldomer than each 5 s while something is amiss', () => {
    expect([1, 2, 3, 4, 5, 50].map(pauseMillis)).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    expect(pauseMillis(0)).toBe(10_000)
  })
})

describe('the connection', () => {
  let answer: () => Promise<Response>
  let requested = 0
  let stop: () => void
  beforeEach(() => {
    vi.useFakeTimers()
    requested = 0
    answer = async () => Response.json({ status: 'ready' })
    vi.stubGlobal('document', { hidden: false, addEventListener() {}, removeEventListener() {} })
    vi.stubGlobal('addEventListener', () => {})
    vi.stubGlobal('removeEventListener', () => {})
    vi.stubGlobal('fetch', () => {
      requested++
      return answer()
    })
    connection.set('up')
    stop = watchConnection()
  })
  afterEach(() => {
    stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('is down when a request gets no response, and recovers by itself', async () => {
    await vi.advanceTimersByTimeAsync(0)
    expect(connection.get()).toBe('up')
    answer = () => Promise.reject(new TypeError('fetch failed'))
    heard(false)
    expect(connection.get()).toBe('down')
    await vi.advanceTimersByTimeAsync(4000)
    expect(connection.get()).toBe('down')
    answer = async () => Response.json({ status: 'not ready' }, { status: 503 })
    await vi.advanceTimersByTimeAsync(5000)
    expect(connection.get()).toBe('starting')
    answer = async () => Response.json({ status: 'ready' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(connection.get()).toBe('up')
  })

  it('asks at once when an answer says that there is no model', async () => {
    await vi.advanceTimersByTimeAsync(0)
    const before = requested
    answer = async () => Response.json({ status: 'not ready' }, { status: 503 })
    heard(true, 503)
    await vi.advanceTimersByTimeAsync(0)
    expect(requested).toBe(before + 1)
    expect(connection.get()).toBe('starting')
  })

  it('stops polling without subscribers', async () => {
    stop()
    await vi.advanceTimersByTimeAsync(0)
    const before = requested
    heard(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(requested).toBe(before)
  })
})
