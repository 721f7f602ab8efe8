/**
 * `npm run fuzz -- --bodies 100000` sends that number of bodies to every route that takes one: random, and mutated from good ones.
 * Routes take turns, so that a run that is stopped early has tried them all; it then says how far it came, and `--from` goes on
 * from there. Ends with 1 when anything but an answer came back. `--model FILE` asks a real engine instead of a fake; `--route
 * /v1/x` (again for more) only those; the same `--seed` sends the same bodies.
 */

import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createLlamaEngine } from '@hadal/engine'
import { type FuzzReport, fuzzRoute, fuzzTargets } from '../packages/serving/server/test/fuzz/fuzz-route.ts'
import { fuzzServing } from '../packages/serving/server/test/fuzz/fuzz-serving.ts'

const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    route: { type: 'string', multiple: true, default: [] },
    model: { type: 'string' },
    /** A file to which every failure is appended. */
    faults: { type: 'string' },
  },
})
const bodies = Number(values.bodies)
const turn = Math.min(bodies, 500)

const engine =
  values.model === undefined
    ? undefined
    : createLlamaEngine({ modelPath: values.model, embeddings: true, maxQueue: 10_000 })
await engine?.ready()
await using serving = engine === undefined ? fuzzServing() : fuzzServing(engine, 4)

const all = await fuzzTargets(serving.server)
const targets = values.route.length === 0 ? all : all.filter(({ path }) => values.route.includes(path))
if (targets.length === 0) {
  console.log(`no route is called that; there are ${all.map(({ path }) => path).join(', ')}`)
  process.exit(2)
}

let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isStopped = true
  })

const reports = new Map<string, FuzzReport>()
const startedAt = performance.now()
for (let done = 0; done < bodies && !isStopped; done += turn) {
  for (const target of targets) {
    if (isStopped) break
    const report = await fuzzRoute(serving.server, target, {
      seed: values.seed,
      bodies: Math.min(turn, bodies - done),
      from: Number(values.from) + done,
      // With a real engine, an answer takes longer while others run.
      timeoutMillis: engine === undefined ? 20_000 : 300_000,
    })
    reports.set(target.path, together(reports.get(target.path), report))
    for (const fault of report.faults) {
      console.log(`${fault.path} #${fault.index}: ${fault.what}\n  ${fault.body.slice(0, 300)}`)
      if (values.faults !== undefined) appendFileSync(values.faults, `${JSON.stringify(fault)}\n`)
    }
  }
  console.error(
    `${Math.min(bodies, done + turn)} bodies each to ${targets.length} routes after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  )
}
const finished = [...reports.values()]
for (const report of finished) console.log(describe(report))
const total = (of: (report: FuzzReport) => number): number =>
  finished.reduce((sum, each) => sum + of(each), 0)
const faults = total((report) => report.faults.length)
const minutes = (performance.now() - startedAt) / 60_000
console.log(
  `${finished.length} routes, ${total((report) => report.bodies)} bodies in ${minutes.toFixed(1)} min, seed ${values.seed} from ${values.from}: ${faults} faults`,
)
process.exitCode = faults > 0 ? 1 : 0

function together(one: FuzzReport | undefined, other: FuzzReport): FuzzReport {
  if (one === undefined) return other
  const statuses: Record<number, number> = { ...one.statuses }
  for (const [status, count] of Object.entries(other.statuses))
    statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count
  const slowest = one.slowestMillis > other.slowestMillis ? one : other
  return {
    ...slowest,
    bodies: one.bodies + other.bodies,
    statuses,
    faults: [...one.faults, ...other.faults],
  }
}

function describe({ path, bodies, statuses, faults, slowestMillis, slowestIndex }: FuzzReport): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`)
  const slowest = `slowest ${slowestMillis.toFixed(0)} ms (#${slowestIndex})`
  return `${path}: ${bodies} bodies, ${slowest}; ${counts.join(', ')}; ${faults.length} faults`
}
