/** `npm run check`: types, import rules, format and lint, dead code, generated pages. Runs every check, two at a time, then reports which failed. */

import { spawn } from 'node:child_process'
import { binOf, compilePackages, compilerEnvironment, installPackages, root } from './prepare.mjs'

installPackages()
// The console's types and the generated pages use the packages as built.
compilePackages()

// More checkers than two repeat each other's work.
const typescript = (project) => [binOf('typescript-7'), '-p', project, '--checkers', '2']
/** The long ones first. A check with several commands runs them in order. */
const checks = [
  [
    'types',
    [['--conditions=@hadal/source', '--import', 'tsx', 'scripts/snippets.ts'], typescript('tsconfig.json')],
  ],
  ['dead code', [['--max-semi-space-size=128', binOf('knip'), '--cache']]],
  ['format and lint', [[binOf('@biomejs/biome'), 'check', '--error-on-warnings']]],
  ['docs', [['--import', 'tsx', 'scripts/docs.ts', '--check']]],
  ['types of the console', [typescript('packages/apps/console/tsconfig.app.json')]],
  ['imports', [['scripts/layers.mjs']]],
  ['lock file', [['scripts/lock-file.mjs']]],
]

const waiting = [...checks]
const failed = []
await Promise.all([runNext(), runNext()])
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

async function runNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, commands] = next
    const start = performance.now()
    let failure
    for (const args of commands) failure ??= await failureOf(args)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (failure !== undefined) failed.push(name)
    console.log(`${failure === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
    if (failure !== undefined) console.log(failure.trimEnd())
  }
}

/** What a program printed, if it failed. */
function failureOf(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: compilerEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
    child.once('error', (thrown) => resolve(thrown.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : Buffer.concat(chunks).toString('utf8')))
  })
}
