/**
 * `npm run test:numeric`: the tests that compare floating point results, under the kernels of other CPUs. OpenBLAS, ATen and oneDNN
 * choose kernels by the CPU, and environment variables make them choose others.
 *
 *   npm run test:numeric                           every combination below
 *   npm run test:numeric -- --sample 2             the most sensitive files under the first two, as continuous integration does
 *   npm run test:numeric -- --full                 every OpenBLAS core with every ATen capability
 *   npm run test:numeric -- nehalem packages/training/nn    one combination, and the files whose path contains packages/training/nn
 *   npm run test:numeric -- --list                 combinations and files
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { packageFolders } from './package-folders.mjs'
import { binOf, fail, root } from './prepare.mjs'

/** Files whose results depend on kernels of libtorch or BLAS. */
const numeric = [
  /^packages\/training\/tensor\/test\/(allocator|custom-ops|decoder-kernels|distributed|expect-close|fp8|normal-noise|pytorch|tensor|training)\./,
  /^packages\/training\/nn\/src\/(deepseek|fake-quant|features|objectives|optimizers|parallel|per-sample|quantization)\//,
  /^packages\/training\/nn\/src\/image-classifier\./,
  /^packages\/training\/nn\/test\/(?!checkpoint|deepseek-config|meta|module|parquet|tokenizer|yarn)/,
  /^packages\/training\/train\/src\/(checkpointing|export|guard|image-data|memory|privacy|quantization|retrieval|task)\b/,
  /^packages\/training\/train\/test\/(?!disk-full|images\.|private-(events|faults)|stream-windows)/,
  /^packages\/apps\/cli\/src\/(commands\/export|towers\/)/,
  /^packages\/apps\/cli\/test\/(ranks|serve-clip|verify-resume)\./,
  /^recipes\/(fine-tune|nano|private-images|private-text|quantized-images)\/(run|train)\./,
  /^tests\/e2e\/(adapter|export)-parity\./,
]

/** What `--sample` runs: every kind of kernel in under a minute of CPU time. */
const sensitive = [
  /^packages\/training\/tensor\/test\/(decoder-kernels|expect-close|fp8)\./,
  /^packages\/training\/nn\/src\/per-sample\/all-modes\./,
  /^packages\/training\/nn\/test\/(adapter-set|clip|clip-model|layers|lora|packed-loss|pytorch|resnet|tape)\./,
  /^packages\/training\/train\/src\/(privacy\/private-trainer|task\/pair-task)\./,
]

const [core, aten, l2, dnn] = [
  'OPENBLAS_CORETYPE',
  'ATEN_CPU_CAPABILITY',
  'OPENBLAS_L2_SIZE',
  'ONEDNN_MAX_CPU_ISA',
]
const cores = ['Nehalem', 'Haswell', 'Zen', 'SkylakeX']
const capabilities = ['default', 'avx2', 'avx512']

/** Every value of each variable at least once; `--sample` takes them from the top. */
const combinations = {
  haswell: { [core]: 'Haswell', [aten]: 'avx2' },
  nehalem: { [core]: 'Nehalem', [aten]: 'default', [dnn]: 'SSE41' },
  zen: { [core]: 'Zen', [aten]: 'avx2', [l2]: '262144', [dnn]: 'AVX2' },
  skylakex: { [core]: 'SkylakeX', [aten]: 'avx512', [l2]: '1048576' },
  'zen-avx512': { [core]: 'Zen', [aten]: 'avx512' },
  host: {},
}
const full = Object.fromEntries(
  [undefined, ...cores].flatMap((coreType) =>
    [undefined, ...capabilities].map((capability) => [
      `${coreType ?? 'host'}-${capability ?? 'host'}`.toLowerCase(),
      { ...(coreType && { [core]: coreType }), ...(capability && { [aten]: capability }) },
    ]),
  ),
)
/** What the CPU must be able to do: forced kernels end the process where it cannot. */
const needs = {
  Haswell: ['avx2', 'fma'],
  Zen: ['avx2', 'fma'],
  avx2: ['avx2', 'fma'],
  SkylakeX: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
  avx512: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string' }, full: { type: 'boolean' }, list: { type: 'boolean' } },
})
const table = options.full ? full : combinations
const named = positionals.filter((each) => each in table)
const paths = positionals.filter((each) => !(each in table))
const sample = options.sample === undefined ? undefined : Number(options.sample)
if (sample !== undefined && !(Number.isInteger(sample) && sample > 0))
  fail(`--sample is "${options.sample}"`, 'Give the number of combinations, such as --sample 2.')

const files = testFiles()
  .filter((file) => (sample ? sensitive : numeric).some((pattern) => pattern.test(file)))
  .filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)))
if (files.length === 0) fail(`no numeric test matches ${paths.join(', ')}`, 'Paths and combinations: --list')
const flags = cpuFlags()
const able = Object.entries(table)
  .filter(([name]) => named.length === 0 || named.includes(name))
  .filter(([name, variables]) => {
    const missing = Object.values(variables).flatMap((value) =>
      (needs[value] ?? []).filter((flag) => flags && !flags.has(flag)),
    )
    if (missing.length > 0)
      console.log(`skipped: ${name}, this CPU has no ${[...new Set(missing)].join(', ')}`)
    return missing.length === 0
  })
  .slice(0, sample)

if (options.list) {
  for (const [name, variables] of able) console.log(`${name.padEnd(18)} ${settingsOf(variables)}`)
  console.log(`\n${files.join('\n')}`)
  process.exit()
}

const results = able.map(([name, variables]) => {
  console.log(`\n${name}: ${settingsOf(variables)}`)
  return { name, ...runTests(variables) }
})
console.log(`\n${'combination'.padEnd(18)}  passed  failed  seconds`)
for (const { name, passed, failed, seconds } of results)
  console.log(
    `${name.padEnd(18)}${String(passed).padStart(8)}${String(failed).padStart(8)}${seconds.toFixed(0).padStart(9)}`,
  )
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0

function runTests(variables) {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-numeric-'))
  const report = join(folder, 'report.json')
  const env = { ...process.env, ...variables }
  for (const name of [core, aten, l2, dnn]) if (!(name in variables)) delete env[name]
  const start = performance.now()
  try {
    // Kernels for older CPUs are slow, and a limit of time is no matter of numbers.
    const args = ['run', '--testTimeout=600000', '--reporter=json', `--outputFile=${report}`, ...files]
    const { status, stdout } = spawnSync(process.execPath, [binOf('vitest'), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    const seconds = (performance.now() - start) / 1000
    if (!existsSync(report)) {
      console.log(stdout)
      return { passed: 0, failed: 1, seconds }
    }
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const tests = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map((each) => ({ ...each, file: relative(root, name) })),
    )
    const failures = [
      ...tests.filter((each) => each.status === 'failed').map((each) => [each, each.failureMessages[0]]),
      // A file that could not be read has no tests.
      ...testResults
        .filter((each) => each.status === 'failed' && each.assertionResults.length === 0)
        .map((each) => [{ file: relative(root, each.name), fullName: 'the whole file' }, each.message]),
    ]
    for (const [{ file, fullName }, message] of failures)
      console.log(`  ${file}: ${fullName}\n    ${String(message).split('\n')[0]}`)
    const passed = tests.filter((each) => each.status === 'passed').length
    return { passed, failed: failures.length || Number(status !== 0), seconds }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function settingsOf(variables) {
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return settings.join(' ') || 'what this CPU gets'
}

function testFiles() {
  const others = ['recipes', 'tests'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  )
  return filesUnder([...packageFolders().flatMap((folder) => [`${folder}/src`, `${folder}/test`]), ...others])
}

function filesUnder(folders) {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true })
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => `${folder}/${file}`)
        .sort()
    } catch {
      return []
    }
  })
}

/** undefined where the system does not list them, as on macOS. */
function cpuFlags() {
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].trim().split(' '))
  } catch {
    return undefined
  }
}
