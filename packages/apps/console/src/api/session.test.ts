import { afterEach, describe, expect, it, vi } from 'vitest'
import { keys } from './keys.ts'
import { forgetKeys, tryKey } from './session.ts'

describe('a key entered by the user', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    forgetKeys()
  })

  it.each(['密钥', 'two words', 'a\nb', ''])('is not sent where no header can have it: %j', async (typed) => {
    const fetch = vi.fn()
    vi.stubGlobal('fetch', fetch)
    expect(await tryKey('client', typed)).toMatchObject({ code: 'key_malformed' })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('is kept where the server accepts it, also in a browser that keeps nothing', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ data: [] }))
    vi.stubGlobal('sessionStorage', {
      setItem() {
        throw new DOMException('no', 'SecurityError')
      },
    })
    expect(await tryKey('client', 'a-key')).toBeUndefined()
    expect(keys.get().apiKey).toBe('a-key')
  })
})
