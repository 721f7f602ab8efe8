/**
 * `npm run mutate` changes one operator, condition or constant of the decision files at a time and runs the tests that import
 * the file. A mutant that no test fails for has survived: a test is missing, or the change makes no difference.
 *
 *     npm run mutate -- [group or file ...] [--sample 20] [--seed 1] [--minutes 25] [--report bench/reports/x.md]
 *
 * `--sample` takes that number of mutants of each file, the same for the same `--seed`; `--minutes` ends the run early; `--seconds`
 * bounds the tests that are run for a mutant, the nearest first. Sources are mutated in memory only.
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judged } from './mutate/judged.ts'
import { applyMutant, type Mutant, mutantsOf } from './mutate/mutants.ts'
import { relatedTests } from './mutate/related-tests.ts'
import { type FileResult, reportPage, summary } from './mutate/report-page.ts'
import { TestRunner } from './mutate/test-runner.ts'

const groups: Readonly<Record<string, readonly string[]>> = {
  batching: [
    'packages/serving/batching/src/batch-queue.ts',
    'packages/serving/batching/src/fair-queue.ts',
    'packages/serving/batching/src/fair-shares.ts',
    'packages/serving/batching/src/first-pass-delay.ts',
    'packages/serving/batching/src/pass-share.ts',
    'packages/serving/batching/src/plan-batch.ts',
    'packages/serving/batching/src/plan-drafts.ts',
    'packages/serving/batching/src/plan-kind-pass.ts',
    'packages/serving/batching/src/plan-pass.ts',
    'packages/serving/batching/src/plan-step.ts',
    'packages/serving/batching/src/service-rate.ts',
    'packages/serving/batching/src/step-costs.ts',
    'packages/serving/batching/src/step-scheduler.ts',
    'packages/serving/batching/src/tune/online-tuner.ts',
    'packages/serving/batching/src/tune/search-knobs.ts',
    'packages/serving/batching/src/urgency.ts',
    'packages/serving/batching/src/admission.ts',
    'packages/serving/batching/src/reservations.ts',
  ],
  scaling: [
    'packages/operations/fleet/src/scaling/decide-scale.ts',
    'packages/operations/fleet/src/scaling/forecast-load.ts',
    'packages/operations/fleet/src/scaling/line-of-requests.ts',
    'packages/operations/fleet/src/scaling/outlook.ts',
    'packages/operations/fleet/src/scaling/remembered.ts',
    'packages/operations/fleet/src/scaling/usable-signals.ts',
  ],
  guard: [
    'packages/serving/guard/src/hardening/query-budget.ts',
    'packages/serving/guard/src/pipeline/plan-steps.ts',
    'packages/serving/guard/src/pipeline/run-check.ts',
    'packages/serving/guard/src/pipeline/screen-text.ts',
    'packages/serving/guard/src/policy/read-policy.ts',
    'packages/serving/guard/src/policy/resolve-policy.ts',
  ],
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: String(Number.POSITIVE_INFINITY) },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: String(Number.POSITIVE_INFINITY) },
    seconds: { type: 'string', default: '5' },
    report: { type: 'string' },
  },
})
/** A test that takes this many times as long as without a mutant, and at least this long, never ends. */
const [patience, minPatienceMillis] = [10, 15_000]

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = positionals.length === 0 ? Object.keys(groups) : positionals
const files = wanted.flatMap((each) => groups[each] ?? [relative(root, resolve(each))])
const missing = files.filter((file) => !existsSync(join(root, file)))
if (missing.length > 0) {
  console.error(`No such file or group: ${missing.join(', ')}. Groups: ${Object.keys(groups).join(', ')}.`)
  process.exit(2)
}

const endsAt = performance.now() + Number(flags.minutes) * 60_000
await using runner = new TestRunner()
const results: FileResult[] = []
for (const file of files) {
  const result = await mutateFile(file)
  results.push(result)
  console.log(summary(result))
}
if (flags.report !== undefined) {
  const given = process.argv.slice(2).join(' ')
  const command = `npm run mutate${given === '' ? '' : ` -- ${given}`}`
  writeFileSync(flags.report, reportPage(command, results))
}

async function mutateFile(file: string): Promise<FileResult> {
  const path = join(root, file)
  const text = readFileSync(path, 'utf8')
  const all = mutantsOf(text)
  const equivalent = all.filter((mutant) => judgmentOf(file, mutant)?.verdict === 'equivalent')
  const others = sampled(all.filter((mutant) => !equivalent.includes(mutant)))
  const result: FileResult = {
    file,
    mutants: all.length,
    equivalent: equivalent.length,
    killed: 0,
    timedOut: 0,
    survivors: [],
  }
  const tests = await passingTests(path)
  for (const mutant of others) {
    if (performance.now() > endsAt) break
    const outcome = await outcomeOf(tests, path, applyMutant(text, mutant))
    if (outcome !== 'survived') result[outcome] += 1
    else {
      result.survivors.push({ ...mutant, judgment: judgmentOf(file, mutant) })
      console.log(`survived: ${file}:${mutant.line} ${mutant.change}`)
    }
  }
  return result
}

interface TimedTest {
  readonly test: string
  readonly timeoutMillis: number
}

/** The nearest tests of a source, as many as run in `--seconds`. Exits where one fails without a mutant. */
async function passingTests(path: string): Promise<TimedTest[]> {
  const tests: TimedTest[] = []
  let total = 0
  for (const test of relatedTests(root, path)) {
    const response = await runner.run({ test }, 300_000)
    if (response === undefined || !response.passes) {
      console.error(`${relative(root, test)} fails without a mutant: ${response?.error ?? 'it does not end'}`)
      process.exit(1)
    }
    total += response.millis
    if (tests.length > 0 && total > Number(flags.seconds) * 1000) break
    tests.push({ test, timeoutMillis: Math.max(minPatienceMillis, patience * response.millis) })
  }
  if (tests.length === 0) console.error(`No test of its package imports ${relative(root, path)}.`)
  return tests
}

async function outcomeOf(
  tests: readonly TimedTest[],
  path: string,
  text: string,
): Promise<'killed' | 'timedOut' | 'survived'> {
  for (const { test, timeoutMillis } of tests) {
    const response = await runner.run({ test, mutated: { path, text } }, timeoutMillis)
    if (response === undefined) return 'timedOut'
    if (!response.passes) return 'killed'
  }
  return 'survived'
}

/** In the order of a hash: an edit elsewhere in the file leaves most of the sample as it is. */
function sampled(mutants: readonly Mutant[]): readonly Mutant[] {
  const rank = ({ code, change }: Mutant): string =>
    createHash('sha256').update(`${flags.seed} ${code} ${change}`).digest('hex')
  return mutants
    .map((mutant) => ({ mutant, rank: rank(mutant) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, Number(flags.sample))
    .map(({ mutant }) => mutant)
    .sort((a, b) => a.start - b.start)
}

function judgmentOf(file: string, { code, change }: Mutant): (typeof judged)[number] | undefined {
  return judged.find(
    (each) =>
      each.file === file && each.code === code && (each.change === undefined || each.change === change),
  )
}
