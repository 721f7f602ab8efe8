/**
 * Checksum of GitHub and npm tokens: the last six characters are the base-62 CRC-32 of the thirty before them.
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */

import { crc32 } from 'node:zlib'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checkLength = 6

/** `body`: the token without its prefix. */
export function hasTokenChecksum(body: string): boolean {
  return body.slice(-checkLength) === tokenChecksum(body.slice(0, -checkLength))
}

export function tokenChecksum(random: string): string {
  let [rest, shown] = [crc32(random), '']
  while (shown.length < checkLength) {
    shown = digits[rest % 62]! + shown
    rest = Math.floor(rest / 62)
  }
  return shown
}
