/** Listen addresses of the local stack. */

import { isIP } from 'node:net'
import { usage } from '@hadal/output'
import { monitorNotLoopback } from './errors.ts'

/** The address as in a URL. Throws `monitor_not_loopback`. */
export function loopbackFlag(address: string): string {
  if (address === 'localhost') return '127.0.0.1'
  if (isIP(address) === 4 && address.startsWith('127.')) return address
  if (address === '::1' || address === '[::1]') return '[::1]'
  throw monitorNotLoopback(address)
}

/** From 0, which is any, to 65535. Throws `usage`. */
export function portFlag(text: string | undefined, flag: string, command: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw usage(`${flag} takes a port from 0 to 65535, not ${JSON.stringify(text)}`, command)
  return Number(text)
}
