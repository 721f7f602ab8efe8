import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressTest, clientOrigin, isLoopback, networkOf, plainAddress } from './client-address.ts'

/** Header values as Node decodes them. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const nobody = addressTest([])
const proxies = addressTest(['10.0.0.0/8', 'loopback', '2001:db8::/32'])

describe('addresses', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::2', false],
    ['::ffff:127.0.0.1', true],
    ['::ffff:10.0.0.1', false],
    ['10.0.0.1', false],
    ['', false],
    ['localhost', false],
    ['127.0.0.1.example', false],
  ])('%j is of this machine: %s', (address, is) => expect(isLoopback(address)).toBe(is))

  it.each([
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '::ffff:10.1.1.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.1.2.3'], '10.1.2.3', true],
    [['private'], '192.168.3.4', true],
    [['private'], 'fe80::1%eth0', true],
    [['2001:db8::/32'], '2001:db8:1::2', true],
    [['2001:db8::/32'], '2001:db9::2', false],
    [['nonsense', '10.0.0.0/99', ''], '10.0.0.1', false],
  ])('%j holds %s: %s', (ranges, address, is) => expect(addressTest(ranges)(address)).toBe(is))

  it('are written as people do', () => {
    expect(plainAddress('::FFFF:1.2.3.4')).toBe('1.2.3.4')
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1')
    expect(plainAddress('1.2.3')).toBeUndefined()
  })
})

describe('where a request comes from', () => {
  it('is where its connection does, whatever it says, unless that is a trusted proxy', () => {
    const forged = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a' }
    expect(clientOrigin('9.9.9.9', forged, nobody)).toEqual({ address: '9.9.9.9', isLocal: false })
    expect(clientOrigin('9.9.9.9', forged, proxies)).toEqual({ address: '9.9.9.9', isLocal: false })
    expect(clientOrigin('10.0.0.1', forged, proxies)).toEqual({
      address: '127.0.0.1',
      protocol: 'https',
      host: 'a',
      isLocal: false,
    })
  })

  it('is this machine only where nothing stands between', () => {
    expect(clientOrigin('127.0.0.1', {}, nobody).isLocal).toBe(true)
    expect(clientOrigin('::ffff:127.0.0.1', {}, nobody).isLocal).toBe(true)
    for (const sign of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
      expect(clientOrigin('127.0.0.1', { [sign]: 'x' }, nobody).isLocal).toBe(false)
    // A local proxy that adds no headers.
    expect(clientOrigin('127.0.0.1', {}, proxies).isLocal).toBe(false)
    expect(clientOrigin(undefined, {}, nobody)).toEqual({ address: '', isLocal: false })
  })

  it.each([
    ['9.9.9.9', '9.9.9.9'],
    // Entries added by the client are leftmost.
    ['1.1.1.1, 9.9.9.9', '9.9.9.9'],
    ['1.1.1.1, 9.9.9.9, 10.0.0.2', '9.9.9.9'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['9.9.9.9:1234', '9.9.9.9'],
    ['[2001:db9::1]:1234', '2001:db9::1'],
    ['2001:db9::1', '2001:db9::1'],
    ['9.9.9.9, unknown', '10.0.0.1'],
    ['9.9.9.9, unknown, 10.0.0.2', '10.0.0.2'],
    [',,', '10.0.0.1'],
  ])('of %j through trusted proxies is %s', (forwarded, address) => {
    expect(clientOrigin('10.0.0.1', { 'x-forwarded-for': forwarded }, proxies).address).toBe(address)
  })

  it('is an address or nothing, whatever headers hold, and never one that a stranger names', () => {
    const piece = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string(),
      fc.constantFrom('', '[', '::ffff:', '%', '1.2.3.4:'),
    )
    const header = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(',')),
      latin1,
    )
    fc.assert(
      fc.property(header, header, fc.ipV4(), (forwarded, other, socket) => {
        const headers = {
          'x-forwarded-for': forwarded,
          'x-forwarded-proto': other,
          'x-forwarded-host': other,
        }
        const { address, isLocal } = clientOrigin(`10.1.1.1`, headers, proxies)
        expect(plainAddress(address)).toBe(address)
        expect(isLocal).toBe(false)
        if (!proxies(socket)) expect(clientOrigin(socket, headers, proxies).address).toBe(socket)
      }),
    )
  })
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::', '2001:db8:0:1::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('the network of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
