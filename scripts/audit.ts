/**
 * `npm run check:release` asks the registry whether anything that Hadal brings along has a known hole. High and critical ones fail;
 * a registry that cannot be reached, or that does not answer such questions, does not.
 */

import { spawnSync } from 'node:child_process'
import { readAudit } from './read-audit.ts'

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 60_000,
  maxBuffer: 1 << 26,
  shell: process.platform === 'win32',
})
const { outcome, lines } = readAudit(stdout || JSON.stringify({ message: error?.message }))
for (const line of lines) console.log(outcome === 'bad' ? line : `note: ${line}`)
process.exitCode = outcome === 'bad' ? 1 : 0
