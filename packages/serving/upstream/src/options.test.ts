import { expect, it } from 'vitest'
import { resolveOptions, upstreamDefaults } from './options.ts'

const given = { id: 'm', replicas: ['http://a:8000/v1/', 'http://a:8000/v1', 'https://b'] }

it('fills in what is not given and names each replica once', () => {
  const options = resolveOptions({ ...given, breaker: { failures: 9 } })
  expect(options).toMatchObject({ model: 'm', replicas: ['http://a:8000/v1', 'https://b'], retries: 2 })
  expect(options.breaker).toEqual({ ...upstreamDefaults.breaker, failures: 9 })
})

it.each([
  [{ replicas: [] }, 'replicas is []'],
  [{ replicas: ['a:8000'] }, 'base URLs such as'],
  [{ replicas: ['ftp://a'] }, 'base URLs such as'],
  [{ retries: -1 }, 'retries is -1; it must be a whole number from 0 on'],
  [{ maxConcurrentPerReplica: 1.5 }, 'maxConcurrentPerReplica is 1.5'],
  [{ holdMillis: 2 ** 31 }, 'holdMillis is 2147483648; it must be a whole number from 0 to 2147483647'],
  [{ loadBound: 0.5 }, 'loadBound is 0.5'],
  [{ loadBound: Number.NaN }, 'loadBound is NaN'],
  [{ routing: 'random' as never }, 'routing is random'],
])('refuses %j', (options, message) => {
  expect(() => resolveOptions({ ...given, ...options })).toThrow(message)
  expect(() => resolveOptions({ ...given, ...options })).toThrow(
    expect.objectContaining({ code: 'upstream_option_invalid' }),
  )
})

it('refuses credentials in a URL without repeating them', () => {
  for (const url of ['http://user:secret@host/v1', 'user:secret//x:secret@host'])
    expect(() => resolveOptions({ ...given, replicas: [url] })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret@') }),
    )
})
