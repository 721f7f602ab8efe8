/** `npm run check`: types, layer rules, format and lint, dead code, packaging, known holes in dependencies. Runs every check, then says which failed. */

import { spawnSync } from 'node:child_process'
import { binOf, buildPackages, installPackages, root } from './prepare.mjs'

installPackages()
buildPackages()

const node = process.execPath
const checks = [
  ['types', [binOf('typescript'), '-p', 'tsconfig.json']],
  ['types of the console', [binOf('typescript'), '-p', 'packages/console/tsconfig.app.json']],
  ['layers', ['scripts/layers.mjs']],
  ['format and lint', [binOf('@biomejs/biome'), 'check', '--error-on-warnings']],
  ['dead code', [binOf('knip')]],
  ['lock file', ['scripts/lock-file.mjs']],
  ['docs', ['--conditions=@hadal/source', '--import', 'tsx', 'scripts/docs.ts', '--check']],
  ['dependency audit', ['--import', 'tsx', 'scripts/audit.ts']],
  ['packaging', ['scripts/packaging.mjs']],
]

const failed = []
for (const [name, args] of checks) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(node, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const ok = status === 0
  if (!ok) failed.push(name)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (!ok) console.log(`${stdout}${stderr}`.trimEnd())
  // What does not fail, and should be known all the same.
  else for (const note of stdout.match(/^note: .*$/gm) ?? []) console.log(`     ${note}`)
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)
