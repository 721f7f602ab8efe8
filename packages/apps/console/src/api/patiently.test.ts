import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connection, watchConnection } from './connection.ts'
import { patiently } from './patiently.ts'

describe('a part that is loaded when it is needed', () => {
  let isThere = true
  let stop: () => void
  beforeEach(() => {
    vi.useFakeTimers()
    isThere = true
    vi.stubGlobal('document', { hidden: false, addEventListener() {}, removeEventListener() {} })
    vi.stubGlobal('addEventListener', () => {})
    vi.stubGlobal('removeEventListener', () => {})
    vi.stubGlobal('fetch', async () => {
      if (!isThere) throw new TypeError('fetch failed')
      return Response.json({ status: 'not ready' }, { status: 503 })
    })
    stop = watchConnection()
  })
  afterEach(() => {
    stop()
    connection.set('up')
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('waits for a server that is away', async () => {
    isThere = false
    const load = patiently(async () => {
      if (!isThere) throw new TypeError('Failed to fetch dynamically imported module')
      return 'page'
    })
    const loaded = vi.fn()
    void load().then(loaded)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(loaded).not.toHaveBeenCalled()
    isThere = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect(loaded).toHaveBeenCalledWith('page')
  })

  it('fails where the server answers and has it no more', async () => {
    const load = patiently(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(load()).rejects.toThrow('Failed to fetch')
  })
})
