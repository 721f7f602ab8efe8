import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addresses, hostNameList, type Kind, sizeFrom } from './kinds.ts'

const takes = (kind: Kind<unknown>, text: string): boolean => kind.schema.safeParse(kind.read(text)).success

describe('addresses and networks', () => {
  it.each([
    '10.1.2.3',
    '10.0.0.0/8',
    '::1',
    '2001:db8::/32',
    'loopback',
    'private, 10.0.0.1 ,::1/128',
    '0.0.0.0/0',
  ])('may be %s', (text) => expect(takes(addresses, text)).toBe(true))

  it.each([
    '10.0.0.0/33',
    '10.0.0',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    'proxy.example',
    'all',
    '',
    '10.0.0.1,,',
  ])('may not be %j', (text) => expect(takes(addresses, text)).toBe(false))

  it('are something that Node can test by, whatever the text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.nat({ max: 40 })).map((p) => p.join('/')),
    )
    fc.assert(
      fc.property(text, (given) => {
        if (!takes(addresses, given)) return
        for (const range of addresses.read(given) as string[]) {
          const [address = '', bits] = range.split('/')
          if (isIP(address) === 0) expect(range).toMatch(/^(loopback|private)$/)
          else new BlockList().addSubnet(address, Number(bits ?? 0), isIP(address) === 4 ? 'ipv4' : 'ipv6')
        }
      }),
    )
  })
})

it('names of hosts have neither port nor path', () => {
  for (const text of ['gpu.lan', 'a,b-c.d', '*', '[::1]', 'LOCALHOST'])
    expect(takes(hostNameList, text)).toBe(true)
  for (const text of ['gpu.lan:80', 'http://a', 'a/b', '-a', 'a.', '', 'a b', '*.a'])
    expect(takes(hostNameList, text)).toBe(false)
})

it('sizes in a range have a unit where they are text', () => {
  const kind = sizeFrom(1024, 4096)
  expect(kind.expected).toBe('a size from 1.0 KiB to 4.0 KiB')
  for (const text of ['1KiB', '4KiB', '2048']) expect(takes(kind, text)).toBe(true)
  for (const text of ['1023', '5KiB', '1.5', 'x']) expect(takes(kind, text)).toBe(false)
})
