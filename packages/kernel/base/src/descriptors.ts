/** The process's limit of open file descriptors, and how many client connections fit into it. */

import { readFileSync } from 'node:fs'

/** For files, pipes of engines, databases, listeners, and the connections that are reserved for health checks. */
const ownDescriptors = 256

/**
 * Open files that a gateway needs for `connections` of clients: a relayed request has a second connection, to its upstream.
 *
 * @example
 * ```ts
 * import { descriptorsFor } from '@hadal/base'
 *
 * descriptorsFor(1000) // → 2256
 * ```
 */
export const descriptorsFor = (connections: number): number => 2 * connections + ownDescriptors

/**
 * Client connections that fit into a limit of open files; at least 1.
 *
 * @example
 * ```ts
 * import { connectionsWithin } from '@hadal/base'
 *
 * connectionsWithin(4096) // → 1920
 * ```
 */
export const connectionsWithin = (descriptors: number): number =>
  Math.max(1, Math.floor((descriptors - ownDescriptors) / 2))

/**
 * Node raises the soft limit to the hard limit when it starts. Undefined where the system does not report it in /proc.
 *
 * @example
 * ```ts
 * import { connectionsWithin, descriptorLimit } from '@hadal/base'
 *
 * const descriptors = descriptorLimit()
 * if (descriptors !== undefined) console.log(`at most ${connectionsWithin(descriptors)} connections`)
 * ```
 */
export function descriptorLimit(): number | undefined {
  try {
    return readLimits(readFileSync('/proc/self/limits', 'utf8')).get('Max open files')
  } catch {
    return undefined
  }
}

/**
 * Soft limits of /proc/self/limits by their name; Infinity is `unlimited`.
 *
 * @example
 * ```ts
 * import { readLimits } from '@hadal/base'
 *
 * const text = 'Max open files            1024                 4096                 files     '
 * readLimits(text).get('Max open files') // → 1024
 * ```
 */
export function readLimits(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [, name, soft] of text.matchAll(/^(Max [a-z ]{1,40}?) {2,40}(unlimited|\d{1,20}) /gm))
    found.set(name!, soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft))
  return found
}
