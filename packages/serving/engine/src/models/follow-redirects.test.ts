import { describe, expect, it } from 'vitest'
import { followRedirects } from './follow-redirects.ts'

/** Responds from a table of redirects; anything else is the file. */
function redirecting(table: Readonly<Record<string, string>>) {
  const seen: { url: string; authorization: string | null }[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input)
    expect(init?.redirect).toBe('manual')
    seen.push({ url, authorization: new Headers(init?.headers).get('authorization') })
    const location = table[url]
    return location === undefined
      ? new Response(`the file at ${url}`)
      : new Response('moved', { status: 302, headers: { location } })
  }
  const ask = (url: string, isChecked = false) =>
    followRedirects(fetch, {
      url,
      headers: { authorization: 'Bearer secret' },
      signal: new AbortController().signal,
      isChecked,
    })
  return { ask, seen }
}

describe('followRedirects', () => {
  it('follows, relative ones too, and keeps credentials within the origin', async () => {
    const { ask, seen } = redirecting({
      'https://hub.example/a': '/b',
      'https://hub.example/b': 'https://cdn.example/c',
      'https://cdn.example/c': 'https://hub.example/d',
    })
    expect(await (await ask('https://hub.example/a')).text()).toBe('the file at https://hub.example/d')
    expect(seen).toEqual([
      { url: 'https://hub.example/a', authorization: 'Bearer secret' },
      { url: 'https://hub.example/b', authorization: 'Bearer secret' },
      { url: 'https://cdn.example/c', authorization: null },
      { url: 'https://hub.example/d', authorization: null },
    ])
  })

  it('does not go from https to http, at any hop, unless what comes is checked', async () => {
    const table = {
      'https://hub.example/a': 'https://cdn.example/b',
      'https://cdn.example/b': 'http://cdn.example/c',
    }
    const { ask, seen } = redirecting(table)
    await expect(ask('https://hub.example/a')).rejects.toMatchObject({
      code: 'insecure_redirect',
      message: expect.stringContaining('http://cdn.example/c'),
    })
    expect(seen.map(({ url }) => url)).toEqual(['https://hub.example/a', 'https://cdn.example/b'])
    expect(await (await ask('https://hub.example/a', true)).text()).toContain('http://cdn.example/c')
  })

  it('follows from http to http, and from http to https', async () => {
    const { ask } = redirecting({
      'http://127.0.0.1/a': 'http://127.0.0.1/b',
      'http://127.0.0.1/b': 'https://cdn.example/c',
    })
    expect(await (await ask('http://127.0.0.1/a')).text()).toContain('https://cdn.example/c')
  })

  it('goes no further where an answer on the way is refused', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(String(input))
      return new Response('moved', { status: 302, headers: { location: '/b', 'x-linked-etag': 'other' } })
    }
    const requested = { url: 'https://a.example/', headers: {}, signal: new AbortController().signal }
    const refuse = ({ headers }: Response): Error => new Error(`it is ${headers.get('x-linked-etag')}`)
    await expect(followRedirects(fetch, { ...requested, isChecked: true, refuse })).rejects.toThrow('it is other')
    expect(seen).toEqual(['https://a.example/'])
  })

  it('does not go round for ever, nor where nothing is named', async () => {
    const { ask, seen } = redirecting({
      'https://a.example/': 'https://a.example/',
      'https://b.example/': 'http://',
    })
    await expect(ask('https://a.example/')).rejects.toThrow('more than 20 times')
    expect(seen).toHaveLength(21)
    await expect(ask('https://b.example/')).rejects.toThrow('redirects to "http://"')
  })
})
