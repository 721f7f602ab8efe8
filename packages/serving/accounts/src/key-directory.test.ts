import { ManualClock } from '@hadal/base'
import { beforeEach, describe, expect, it } from 'vitest'
import type { StoredKey } from './database/keys.ts'
import { KeyDirectory } from './key-directory.ts'
import { type KeyRecord, noLimits } from './key-record.ts'
import { newKey } from './key-secret.ts'

let clock: ManualClock
let isUp: boolean
let requested: number
let keys: Map<string, StoredKey>
let directory: KeyDirectory

beforeEach(() => {
  clock = new ManualClock(1_000_000)
  isUp = true
  requested = 0
  keys = new Map()
  directory = new KeyDirectory({
    async find(digest) {
      requested += 1
      if (!isUp) throw new Error('away')
      return keys.get(digest)
    },
    isUp: () => isUp,
    clock,
  })
})

function make(given: Partial<KeyRecord> = {}): string {
  const { secret, digest, prefix } = newKey()
  const record: KeyRecord = {
    ...noLimits,
    id: 'key_1',
    name: 'blue',
    prefix,
    createdAt: 0,
    revokedAt: undefined,
    ...given,
  }
  keys.set(digest, { record, digest })
  return secret
}

describe('keys', () => {
  it('are looked up once per 5 seconds, for any number of requests', async () => {
    const secret = make()
    await Promise.all(Array.from({ length: 100 }, () => directory.identify(secret)))
    clock.advance(4999)
    await directory.identify(secret)
    expect(requested).toBe(1)
    clock.advance(1)
    await directory.identify(secret)
    expect(requested).toBe(2)
  })

  it('that are unknown are cached as well, and malformed ones are never looked up', async () => {
    const { secret } = newKey()
    for (let count = 0; count < 3; count += 1)
      await expect(directory.identify(secret)).rejects.toMatchObject({ code: 'key_unknown' })
    expect(requested).toBe(1)
    for (const nonsense of ['sk-x', `${secret}A`, secret.slice(0, -1), `hdl_${'ä'.repeat(43)}`])
      await expect(directory.identify(nonsense)).rejects.toMatchObject({ code: 'key_unknown' })
    expect(requested).toBe(1)
  })

  it('that were seen within 10 minutes are known while the database is away; others cannot be checked', async () => {
    const [seen, unseen] = [make(), make()]
    await directory.identify(seen)
    isUp = false
    clock.advance(599_999)
    expect((await directory.identify(seen)).name).toBe('blue')
    await expect(directory.identify(unseen)).rejects.toMatchObject({
      code: 'accounts_unavailable',
      status: 503,
      retryAfterSeconds: 1,
    })
    clock.advance(1)
    await expect(directory.identify(seen)).rejects.toMatchObject({ code: 'accounts_unavailable' })
    isUp = true
    await directory.identify(seen)
  })

  it('that were revoked or have expired are not let in while the database is away', async () => {
    const [revoked, expiring] = [make({ revokedAt: 1 }), make({ expiresAt: 1_060_000 })]
    await expect(directory.identify(revoked)).rejects.toMatchObject({ code: 'key_unknown' })
    await directory.identify(expiring)
    isUp = false
    clock.advance(60_000)
    await expect(directory.identify(expiring)).rejects.toMatchObject({ code: 'key_expired' })
    await expect(directory.identify(revoked)).rejects.toMatchObject({ code: 'key_unknown' })
  })

  it('stay cached, even after many attempts with unknown keys', async () => {
    const secret = make()
    await directory.identify(secret)
    const none = newKey().secret
    await directory.identify(none).catch(() => {})
    for (let count = 0; count < 10_000; count += 1) await directory.identify(newKey().secret).catch(() => {})
    const before = requested
    await directory.identify(secret)
    expect(requested).toBe(before)
    await directory.identify(none).catch(() => {})
    expect(requested).toBe(before + 1)
  })

  it('that are not cached are looked up a few at a time, without delaying cached ones', async () => {
    const secret = make()
    await directory.identify(secret)
    let [atOnce, most] = [0, 0]
    const answers: (() => void)[] = []
    const slow = new KeyDirectory({
      async find(digest) {
        if (keys.has(digest)) return keys.get(digest)
        atOnce += 1
        most = Math.max(most, atOnce)
        await new Promise<void>((resolve) => answers.push(resolve))
        atOnce -= 1
        return undefined
      },
      isUp: () => true,
      clock,
    })
    await slow.identify(secret)
    const strangers = Promise.allSettled(Array.from({ length: 300 }, () => slow.identify(newKey().secret)))
    clock.advance(5000)
    await slow.identify(secret)
    let isOver = false
    void strangers.then(() => {
      isOver = true
    })
    while (!isOver) {
      answers.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const codes = (await strangers).map((each) => (each.status === 'rejected' ? each.reason.code : 'known'))
    expect(most).toBe(2)
    expect(codes.filter((code) => code === 'key_unknown')).toHaveLength(202)
    expect(codes.filter((code) => code === 'accounts_unavailable')).toHaveLength(98)
  })
})
