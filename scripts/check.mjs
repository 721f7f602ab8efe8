/** `npm run check`: types, layer rules, format and lint, dead code, packaging, known holes in dependencies. Runs every check, two at a time, then says which failed. */

import { spawn } from 'node:child_process'
import { binOf, buildPackages, installPackages, root } from './prepare.mjs'

installPackages()
buildPackages()

/** The long ones first. */
const checks = [
  ['types', [binOf('typescript'), '-p', 'tsconfig.json']],
  ['types of the console', [binOf('typescript'), '-p', 'packages/apps/console/tsconfig.app.json']],
  ['layers', ['scripts/layers.mjs']],
  ['dead code', [binOf('knip')]],
  ['format and lint', [binOf('@biomejs/biome'), 'check', '--error-on-warnings']],
  ['docs', ['--conditions=@hadal/source', '--import', 'tsx', 'scripts/docs.ts', '--check']],
  ['packaging', ['scripts/packaging.mjs']],
  [
    'examples of the API',
    ['--conditions=@hadal/source', '--import', 'tsx', 'scripts/api-examples.ts', '--types'],
  ],
  ['figures', ['--conditions=@hadal/source', '--import', 'tsx', 'scripts/figures.ts', '--check']],
  ['dependency audit', ['--import', 'tsx', 'scripts/audit.ts']],
  ['lock file', ['scripts/lock-file.mjs']],
  ['vocabulary', ['scripts/vocabulary.mjs']],
]

const waiting = [...checks]
const failed = []
await Promise.all([runNext(), runNext()])
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

async function runNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, args] = next
    const start = performance.now()
    const { ok, said } = await runNode(args)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (!ok) failed.push(name)
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
    if (!ok) console.log(said.trimEnd())
    // Warnings that do not fail the check.
    else for (const note of said.match(/^note: .*$/gm) ?? []) console.log(`     ${note}`)
  }
}

function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
    child.once('error', (thrown) => resolve({ ok: false, said: thrown.message }))
    child.once('close', (code) => resolve({ ok: code === 0, said: Buffer.concat(chunks).toString('utf8') }))
  })
}
