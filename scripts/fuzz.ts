/**
 * `npm run fuzz -- --bodies 100000` sends so many bodies to every route that takes one: random, and mutated from good ones.
 * Says what came back, and ends with 1 when anything but an answer did. `--model FILE` asks a real engine instead of a fake;
 * `--route /v1/x` (again for more) only those; `--seed` and `--from` repeat what was found.
 */

import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createLlamaEngine } from '@hadal/engine'
import { type FuzzReport, fuzzRoute, fuzzTargets } from '../packages/server/test/fuzz/fuzz-route.ts'
import { fuzzServing } from '../packages/server/test/fuzz/fuzz-serving.ts'

const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    route: { type: 'string', multiple: true, default: [] },
    model: { type: 'string' },
    faults: { type: 'string' },
  },
})

const engine =
  values.model === undefined ? undefined : createLlamaEngine({ modelPath: values.model, maxQueue: 10_000 })
await engine?.ready()
await using serving = engine === undefined ? fuzzServing() : fuzzServing(engine, 4)

const all = await fuzzTargets(serving.server)
const targets = values.route.length === 0 ? all : all.filter(({ path }) => values.route.includes(path))
if (targets.length === 0) {
  console.log(`no route is called that; there are ${all.map(({ path }) => path).join(', ')}`)
  process.exit(2)
}
const options = {
  seed: values.seed,
  bodies: Number(values.bodies),
  from: Number(values.from),
  // With a real engine, an answer takes its time beside others.
  timeoutMillis: engine === undefined ? 20_000 : 60_000,
}
let faults = 0
for (const target of targets) {
  const startedAt = performance.now()
  const report = await fuzzRoute(serving.server, target, options)
  faults += report.faults.length
  console.log(describe(report, performance.now() - startedAt))
  for (const fault of report.faults.slice(0, 5))
    console.log(`  #${fault.index} ${fault.what}\n    ${fault.body.slice(0, 300)}`)
  if (values.faults !== undefined)
    for (const fault of report.faults) appendFileSync(values.faults, `${JSON.stringify(fault)}\n`)
}
console.log(
  `${targets.length} routes, ${targets.length * options.bodies} bodies, seed ${options.seed}: ${faults} faults`,
)
process.exitCode = faults > 0 ? 1 : 0

function describe({ path, bodies, statuses, faults, slowestMillis }: FuzzReport, millis: number): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`)
  return `${path}: ${bodies} bodies in ${(millis / 1000).toFixed(1)} s, slowest ${slowestMillis.toFixed(0)} ms; ${counts.join(', ')}; ${faults.length} faults`
}
