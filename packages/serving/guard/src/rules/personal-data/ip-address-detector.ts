/** Public IP addresses, v4 and v6. Private ranges, masks and loopback identify no person. */

import { isIPv6 } from 'node:net'
import { characterClass, type Detector } from '../detector.ts'
import { numberDetector, numberForm } from './number-detector.ts'

const shared = { rule: 'pii.ip', why: 'internet address', replacement: '[ip]' }

/** Software versions may also have four numbers. */
const namesVersion = /(?:\bv|version|ver\.?|release|build|版本)[\s:：.=]*$/i

const version4 = numberDetector({
  ...shared,
  form: numberForm(String.raw`(?:\d{1,3}\.){3}\d{1,3}`),
  within: characterClass('0-9.-'),
  longest: 20,
  lengthOf: (matched) => (isPublic4(matched) ? matched.length : 0),
  isElse: (before) => namesVersion.test(before),
})

/** 2000::/3 is the only range allocated for global unicast. */
const version6 = numberDetector({
  ...shared,
  form: /(?:(?<![\w:.])|(?<=\\[nrt]))[23][0-9a-f]{3}:[0-9a-f:]{1,40}(?!\w)/gi,
  within: characterClass('0-9A-Fa-f:'),
  longest: 48,
  lengthOf(matched) {
    const address = matched.replace(/([^:]):$/, '$1')
    return isIPv6(address) ? address.length : 0
  },
})

export const ipAddressDetectors: readonly Detector[] = [version4, version6]

/** https://www.iana.org/assignments/iana-ipv4-special-registry: excludes private, shared, loopback, link-local and multicast ranges. */
function isPublic4(address: string): boolean {
  const parts = address.split('.')
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return false
  const [first, second] = parts.map(Number) as [number, number]
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false
  if (first === 172 && second >= 16 && second < 32) return false
  if (first === 100 && second >= 64 && second < 128) return false
  if ((first === 192 && second === 168) || (first === 169 && second === 254)) return false
  // Chapter and version numbers: 1.2.3.4.
  return parts.some((part) => part.length > 1)
}
