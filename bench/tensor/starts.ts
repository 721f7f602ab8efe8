/**
 * Starts a process that loads libtorch, uses it and ends, many times, and counts those that did not end well:
 *
 *     npx tsx bench/tensor/starts.ts 500
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const count = Number(process.argv[2] ?? 500)
const program = fileURLToPath(
  new URL('../../packages/training/tensor/test/programs/start.ts', import.meta.url),
)
const endings = new Map<string, number>()
const start = performance.now()

for (let i = 0; i < count; i++) {
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ['--conditions=@hadal/source', '--import', 'tsx', program],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const ending = signal ?? (status === 0 && stdout.trim() === '64x64' ? 'well' : `exit ${status}`)
  endings.set(ending, (endings.get(ending) ?? 0) + 1)
}

console.log(
  `${count} starts in ${((performance.now() - start) / 1000).toFixed(0)} s, on Node ${process.version}:`,
)
for (const [ending, times] of endings) console.log(`  ${times} ended ${ending}`)
if (endings.get('well') !== count) process.exitCode = 1
