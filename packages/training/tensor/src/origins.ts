/** Stack traces of live tensors' creation, recorded while tracking is on: one stack trace per tensor. */

import { native } from './native.ts'

export interface Leaks {
  /** Tensors alive on this thread. */
  readonly count: number
  /** Bytes that freeing all of them would give back. */
  readonly bytes: number
  /** By the line of code that made them, most bytes first. `unknown` for those made while tracking was off. */
  readonly byOrigin: readonly { readonly origin: string; readonly count: number; readonly bytes: number }[]
}

let tracked = process.env.HADAL_TENSOR_ORIGINS === '1'
const origins = new Map<number, string>()

export function originsTracked(): boolean {
  return tracked
}

/**
 * Turns the recording of origins on or off for tensors made from now on.
 *
 * @example
 * ```ts
 * import { leaks, torch, trackOrigins } from '@hadal/tensor'
 *
 * trackOrigins(true)
 * const forgotten = torch.ones([3])
 * const { count, byOrigin } = leaks() // where the tensors that still live were made
 * trackOrigins(false)
 * ```
 */
export function trackOrigins(on: boolean): void {
  tracked = on
  if (!on) origins.clear()
}

export function rememberOrigin(handle: number): void {
  origins.set(handle, callerOutsideHere())
}

export function forgetOrigin(handle: number): void {
  origins.delete(handle)
}

/**
 * Names the tensors that are alive.
 *
 * @example
 * ```ts
 * import { leaks, torch, trackOrigins } from '@hadal/tensor'
 *
 * trackOrigins(true) // costs a stack trace a tensor
 * const kept = torch.ones([1_000])
 * const [most] = leaks().byOrigin // the most bytes first: a count, bytes, and the line that made them
 * trackOrigins(false)
 * ```
 */
export function leaks(): Leaks {
  const live = native().live()
  const byOrigin = new Map<string, { origin: string; count: number; bytes: number }>()
  let bytes = 0
  for (let i = 0; i < live.length; i += 2) {
    const origin = origins.get(live[i]!) ?? 'unknown'
    const entry = byOrigin.get(origin) ?? { origin, count: 0, bytes: 0 }
    entry.count++
    entry.bytes += live[i + 1]!
    bytes += live[i + 1]!
    byOrigin.set(origin, entry)
  }
  const entries = [...byOrigin.values()].sort((a, b) => b.bytes - a.bytes || b.count - a.count)
  return { count: live.length / 2, bytes, byOrigin: entries }
}

const here = new URL('.', import.meta.url).href

/** The innermost frame that is not in this package. */
function callerOutsideHere(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const { stack = '' } = new Error()
  Error.stackTraceLimit = limit
  const path = here.replace('file://', '')
  for (const line of stack.split('\n').slice(1)) {
    if (!line.includes(here) && !line.includes(path)) return line.trim().replace(/^at /, '')
  }
  return 'unknown'
}
