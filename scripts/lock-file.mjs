/** The lock file must install anywhere: it records no download hosts. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const withHost = Object.entries(packages).filter(([, entry]) => /^https?:/.test(entry.resolved ?? ''))
for (const [path, entry] of withHost) console.log(`${path}: ${entry.resolved}`)
if (withHost.length > 0) {
  console.log(
    'help: npm config set omit-lockfile-registry-resolved true, then npm install --package-lock-only',
  )
  process.exit(1)
}
