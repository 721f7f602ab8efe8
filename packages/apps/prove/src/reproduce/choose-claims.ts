/** Which claims are meant: all, or those that are named. */

import { nearest } from '@hadal/base'
import { say, usage } from '@hadal/output'
import type { Claim } from '../claim.ts'

/** In the order of the report, each once. Throws `usage` that names every id that there is not. */
export function chooseClaims(all: readonly Claim[], named: readonly string[]): Claim[] {
  if (named.length === 0) return [...all]
  const ids = all.map(({ id }) => id)
  const unknown = named.filter((name) => !ids.includes(name))
  if (unknown.length > 0) {
    const faults = unknown.map((name) => {
      const meant = nearest(name, ids)
      const asked = JSON.stringify(name)
      return meant === undefined
        ? say`unknown claim ${asked}`
        : say`unknown claim ${asked} (did you mean ${meant}?)`
    })
    throw usage(say`${faults.join('; ')}; list all ${ids.length} with \`hadal prove --list\``, 'hadal prove')
  }
  return all.filter(({ id }) => named.includes(id))
}
