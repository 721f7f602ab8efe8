/** How long each test file took on this machine when it last ran: `npm test` writes it, `npm test -- --changed` plans with it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

export const durationsFile = join(root, 'node_modules/.cache/test-durations.json')

/** Milliseconds by path, relative to the repository. @returns {Record<string, number>} */
export function readDurations() {
  try {
    return JSON.parse(readFileSync(durationsFile, 'utf8'))
  } catch {
    return {}
  }
}
