import { hostname } from 'node:os'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hostNameOf, isOwnName, isSameOrigin } from './host-names.ts'

/** Header values as Node decodes them. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

it.each([
  'localhost',
  'localhost:8080',
  'LOCALHOST:80',
  'localhost.',
  'app.localhost:3000',
  'host.docker.internal:8080',
  hostname(),
  `${hostname()}.local:8080`,
  '127.0.0.1:8080',
  '127.0.0.2',
  '[::1]:8080',
  '[::ffff:127.0.0.1]',
])('%s is a name of this machine', (host) => expect(isOwnName(host, [])).toBe(true))

it.each([
  'evil.example:8080',
  'localhost.evil.example',
  'notlocalhost',
  '127.0.0.1.evil.example',
  '127.0.0.1:8080@evil.example',
  'internal',
  'internal.evil.example',
  'evil.local',
  '10.0.0.1',
  '0.0.0.0:8080',
  '[::2]',
  'localhost:80:80',
  'localhost/evil',
  'localhost evil',
  '[::1]evil',
  '2130706433',
  '',
])('%j is none', (host) => expect(isOwnName(host, [])).toBe(false))

it('further host names come from the settings', () => {
  expect(isOwnName('gpu.lan:8080', ['GPU.lan'])).toBe(true)
  expect(isOwnName('x.gpu.lan', ['gpu.lan'])).toBe(false)
  expect(isOwnName('anything', ['*'])).toBe(true)
})

it('a page is of the same origin by its host and port', () => {
  expect(isSameOrigin('http://localhost:8080', 'localhost:8080')).toBe(true)
  expect(isSameOrigin('https://hadal.example', 'hadal.example')).toBe(true)
  expect(isSameOrigin('https://hadal.example', 'hadal.example:443')).toBe(true)
  for (const [origin, host] of [
    ['http://localhost:3000', 'localhost:8080'],
    ['http://evil.example', 'localhost:8080'],
    ['null', 'localhost:8080'],
    ['file://', 'localhost'],
    ['', ''],
    ['http://localhost:8080', ''],
  ] as const)
    expect(isSameOrigin(origin, host)).toBe(false)
})

it('whatever a host header holds, a name that is read is plain, and of no stranger', () => {
  const host = fc.oneof(
    latin1,
    fc.domain(),
    fc.tuple(fc.constantFrom('localhost', '127.0.0.1', '[::1]'), fc.string()).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(host, (given) => {
      const name = hostNameOf(given)
      if (name !== undefined) expect(name).toMatch(/^[[\]a-z0-9._:-]*$/)
      if (isOwnName(given, []) && name !== hostname().toLowerCase())
        expect(given.toLowerCase()).toMatch(
          /^((.*\.)?localhost\.?|.*\.(internal|local)\.?|127\.[\d.]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
        )
      expect(isSameOrigin(given, given)).toBeTypeOf('boolean')
    }),
  )
})
