/**
 * How long each test file takes: `npm test` starts the longest first, `npm test -- --changed` postpones slow ones. `npm test` writes what it
 * measured here; `node scripts/test-durations.mjs` writes the slow ones to the committed table, for machines that have not measured yet.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './prepare.mjs'

export const durationsFile = join(root, 'node_modules/.cache/test-durations.json')
const committedFile = join(root, 'scripts/test-durations.json')
/** Files that take less are in no table. */
const shortMillis = 1_000

/** Milliseconds by path, relative to the repository. @returns {Record<string, number>} */
export const readDurations = () => ({ ...readTable(committedFile), ...readTable(durationsFile) })

function readTable(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const slow = Object.entries(readTable(durationsFile))
    .filter(([, millis]) => millis >= shortMillis)
    .map(([file, millis]) => [file, Math.round(millis / 100) * 100])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(committedFile, `${JSON.stringify(Object.fromEntries(slow), null, 2)}\n`)
}
