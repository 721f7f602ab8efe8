import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dnsLabel,
  dnsSubdomain,
  envName,
  isCidr,
  isIp,
  labelValue,
  portName,
  qualifiedName,
} from './formats.ts'

describe('addresses', () => {
  test.each([
    '10.0.0.1',
    '::',
    '::1',
    '2001:db8::1',
    '1:2:3:4:5:6:7:8',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
  ])('%s', (ip) => expect(isIp(ip)).toBe(true))
  test.each(['10.0.0', '10.0.0.256', 'a', '', '1::2::3', ':1', '1:2:3:4:5:6:7:8:9', '12345::', '10.0.0.1.2'])(
    '%s is none',
    (ip) => expect(isIp(ip)).toBe(false),
  )
  test.each(['10.0.0.0/8', '::/0', '2001:db8::/128'])('%s', (cidr) => expect(isCidr(cidr)).toBe(true))
  test.each(['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/8/8'])('%s is no block', (cidr) =>
    expect(isCidr(cidr)).toBe(false),
  )
  test('whatever Node calls an address is one', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => isIp(ip)))
  })
})

describe('names', () => {
  test.each(['app', 'example.com/name', 'a.b_c-D', 'a/B'])('%s is a key', (key) =>
    expect(qualifiedName(key)).toBeUndefined(),
  )
  test.each(['', '/', 'a/', '/a', 'A.com/a', 'a/b/c', 'a b', '-a', `${'a'.repeat(64)}`])(
    '%s is no key',
    (key) => expect(qualifiedName(key)).toBeDefined(),
  )
  test.each(['', 'a', '1.10', 'A_b-c'])('%j is a value', (value) => expect(labelValue(value)).toBeUndefined())
  test.each(['-a', 'a:b', 'a b', 'é'])('%j is no value', (value) => expect(labelValue(value)).toBeDefined())
  test.each(['http', 'a1', '8080x'])('%s is a port', (name) => expect(portName(name)).toBeUndefined())
  test.each(['8080', 'a--b', '-a', 'A', 'sixteencharacter'])('%s is not a valid port', (name) =>
    expect(portName(name)).toBeDefined(),
  )
  test.each(['A', 'a.b', 'with space', '1'])('%j is a variable', (name) =>
    expect(envName(name)).toBeUndefined(),
  )
  test.each(['A=B', 'é', ''])('%j is no variable', (name) => expect(envName(name)).toBeDefined())
  test('a label is a name, and both have their lengths', () => {
    fc.assert(
      fc.property(fc.string(), (text) => dnsLabel(text) !== undefined || dnsSubdomain(text) === undefined),
    )
    expect(dnsLabel('a'.repeat(63))).toBeUndefined()
    expect(dnsLabel('a'.repeat(64))).toContain('63')
    expect(dnsSubdomain('a'.repeat(254))).toContain('253')
  })
})
