/** Rules for probes: start-up budgets, and probes that kill busy pods. */

import { nearest } from '@hadal/base'
import type { LintObject } from '@hadal/fleet'
import type { FactualRule } from '../rule-facts.ts'
import { type Fields, fieldsAt, listAt, numberAt, textAt, valueAt } from './read/values.ts'
import { type Container, isEngine, nameOf, servicesOf, type Workload, workloadsOf } from './read/workload.ts'

/** Seconds until a probe that never succeeds has failed for good; Kubernetes' defaults filled in. */
function budgetOf(probe: Fields): number {
  const period = numberAt(probe, 'periodSeconds') ?? 10
  return (numberAt(probe, 'initialDelaySeconds') ?? 0) + period * (numberAt(probe, 'failureThreshold') ?? 3)
}

interface StartTime {
  readonly seconds: number
  readonly why: string
  readonly isMeasured: boolean
}

/** Long enough to read some gigabytes of weights from a disk and to warm up, as a pod's first start does. */
const usualStartSeconds = 300
/** Two bytes a parameter, one gigabyte a second from a network disk, and a minute for graphs and warm-up. */
const secondsOfBillions = (billions: number): number => Math.round(billions * 2 + 60)

function startTimeOf(object: LintObject, container: Container): StartTime {
  const annotation = ['metadata', 'annotations', 'hadal.dev/cold-start-seconds']
  const measured = Number(valueAt(object.manifest, ...annotation) ?? Number.NaN)
  if (measured > 0)
    return { seconds: measured, why: `the measured start takes ${measured} s`, isMeasured: true }
  const words = [container.fields.command, container.fields.args].flat().map(String).join(' ')
  const billions = Number(/(?:^|[-_ /])(\d{1,4}(?:\.\d)?)b(?=$|[-_. ])/i.exec(words)?.[1] ?? 0)
  const seconds = secondsOfBillions(billions)
  if (seconds > usualStartSeconds)
    return {
      seconds,
      why: `${2 * billions} GB of weights (${billions}B parameters) take about ${seconds} s at 1 GB/s`,
      isMeasured: false,
    }
  return {
    seconds: usualStartSeconds,
    why: `engines take up to ${usualStartSeconds} s to load a model and warm up`,
    isMeasured: false,
  }
}

function* enginesOf(object: LintObject): Generator<{ workload: Workload; container: Container }> {
  for (const workload of workloadsOf(object))
    for (const container of workload.containers) if (isEngine(container)) yield { workload, container }
}

const noStartupBudget: FactualRule = {
  id: 'no_startup_budget',
  severity: 'harmful',
  what: 'a liveness probe that kills an engine while it loads its model',
  why: 'The pod is restarted before it ever becomes ready: CrashLoopBackOff without a real failure.',
  *find(object) {
    for (const { container } of enginesOf(object)) {
      const { livenessProbe, startupProbe } = container.fields
      const start = startTimeOf(object, container)
      const name = startupProbe === undefined ? 'livenessProbe' : 'startupProbe'
      if (livenessProbe === undefined && startupProbe === undefined) continue
      const budget = budgetOf(fieldsAt(container.fields, name))
      // The author of a startup probe knew of slow starts: only a measured start time is reported.
      if (budget >= start.seconds || (startupProbe !== undefined && !start.isMeasured)) continue
      const threshold = Math.ceil((3 * start.seconds) / 10)
      const action = probeAction(fieldsAt(container.fields, name))
      yield {
        path: [...container.path, name],
        reason: `${name} allows ${budget} s for a start (initialDelaySeconds + periodSeconds x failureThreshold), but ${start.why}`,
        fix: `startupProbe: { ${action}, periodSeconds: 10, failureThreshold: ${threshold} } allows ${threshold * 10} s; the other probes wait until it succeeds`,
      }
    }
  },
}

/** `httpGet: { path: /health, port: 8000 }` of a probe, to be pasted. */
function probeAction(probe: Fields): string {
  const { path, port } = fieldsAt(probe, 'httpGet')
  if (port !== undefined) return `httpGet: { path: ${String(path ?? '/')}, port: ${String(port)} }`
  const tcp = valueAt(probe, 'tcpSocket', 'port')
  return tcp === undefined ? 'httpGet: { path: /health, port: http }' : `tcpSocket: { port: ${String(tcp)} }`
}

const noReadiness: FactualRule = {
  id: 'no_readiness_probe',
  severity: 'harmful',
  what: 'an engine or a Service backend without a readiness probe',
  why: 'It counts as ready immediately, while it loads its model: requests fail, and a rollout stops the old pods too early. For containers that start immediately the finding is advice.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const service = servicesOf(workload, context)[0]
      const serving = workload.containers.filter(({ fields }) => listAt(fields, 'ports').length > 0)
      const isServer = workload.kind === 'Deployment' || workload.kind === 'StatefulSet'
      const candidates = serving.length > 0 ? serving : workload.containers.slice(0, 1)
      if (service === undefined && !(isServer && candidates.some(isEngine))) continue
      if (candidates.some(({ fields }) => fields.readinessProbe !== undefined)) continue
      const first = candidates.find(isEngine) ?? candidates[0]!
      const port = numberAt(first.fields, 'ports', 0, 'containerPort') ?? 8080
      const what = service === undefined ? 'a rollout treats' : `Service ${nameOf(service)} sends requests to`
      yield {
        path: first.path,
        reason: `container ${first.name} has no readinessProbe: ${what} ${service === undefined ? 'it as ready' : 'it'} as soon as it runs`,
        fix: `readinessProbe: { httpGet: { path: /health, port: ${port} }, periodSeconds: 5 }; for hadal the path is /ready`,
        ...(isEngine(first) || isRouter(first) ? {} : { severity: 'advice' as const }),
      }
    }
  },
}

const impatientLiveness: FactualRule = {
  id: 'impatient_liveness',
  severity: 'harmful',
  what: 'a liveness probe on the readiness endpoint with a timeout of one second',
  why: 'A router or an engine under load responds slowly: readiness should remove it from the Service, but liveness kills it and moves its load to the others.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const container of workload.containers) {
        const liveness = fieldsAt(container.fields, 'livenessProbe')
        const readiness = fieldsAt(container.fields, 'readinessProbe')
        const timeout = numberAt(liveness, 'timeoutSeconds') ?? 1
        const failures = numberAt(liveness, 'failureThreshold') ?? 3
        const period = numberAt(liveness, 'periodSeconds') ?? 10
        if (endpointOf(liveness) === undefined || endpointOf(liveness) !== endpointOf(readiness)) continue
        if (timeout > 1 || failures * period > 30) continue
        const isBusy = isEngine(container) || isRouter(container)
        yield {
          path: [...container.path, 'livenessProbe'],
          reason: `liveness uses ${endpointOf(liveness)}, like readiness, with a timeout of ${timeout} s, and kills after ${failures} slow responses (${failures * period} s)`,
          fix: `livenessProbe: { ${probeAction(liveness)}, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 }`,
          ...(isBusy ? {} : { severity: 'advice' as const }),
        }
      }
  },
}

const isRouter = ({ name, fields }: Container): boolean =>
  /router|gateway|hadal/i.test(`${name} ${String(fields.image)}`)

function endpointOf(probe: Fields): string | undefined {
  const { path, port } = fieldsAt(probe, 'httpGet')
  return port === undefined ? undefined : `${String(path ?? '/')} on port ${String(port)}`
}

const probePortMissing: FactualRule = {
  id: 'probe_port_missing',
  severity: 'harmful',
  what: 'a probe or hook on a port name that its container does not declare',
  why: 'The name is resolved in the container at each probe: the probe never succeeds, so the pod never becomes ready, or is restarted repeatedly.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { fields, path, name } of containers) {
        const names = listAt(fields, 'ports').flatMap((each) => textAt(each, 'name') ?? [])
        for (const place of [
          ...['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) => [probe]),
          ['lifecycle', 'preStop'],
          ['lifecycle', 'postStart'],
        ])
          for (const handler of ['httpGet', 'tcpSocket']) {
            const port = textAt(fields, ...place, handler, 'port')
            if (port === undefined || /^\d+$/.test(port) || names.includes(port)) continue
            yield {
              path: [...path, ...place, handler, 'port'],
              reason: `container ${name} has no port called ${port}${names.length > 0 ? `; it has ${names.join(', ')}` : ''}`,
              fix:
                names.length > 0
                  ? `port: ${nearest(port, names) ?? names[0]}`
                  : `ports: [{ name: ${port}, containerPort: 8080 }] in the container, with the port it listens on`,
            }
          }
      }
  },
}

export const probeRules: readonly FactualRule[] = [
  noStartupBudget,
  noReadiness,
  impatientLiveness,
  probePortMissing,
]
