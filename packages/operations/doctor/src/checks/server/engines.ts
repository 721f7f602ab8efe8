/** The engines behind the server: whether they run and ran through, how long they start, and how replicas elsewhere are. */

import { formatMillis } from '@hadal/base'
import { metrics } from '@hadal/protocol'
import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { about, ofEachModel, type ServerFigures } from './server-figures.ts'

/** A longer start delays rollouts and requests that wake a model. */
const longStartSeconds = 30
/** Share of attempts; above it a replica is a problem even if its health check passes. */
const manyFailures = 0.05
const fewestAttempts = 20
const shown = 8

const ofModel = (model: string) => (model === '' ? {} : { model_name: model })
const checkLog: Fix = {
  text: 'Its log shows how the engine ended each time.',
  command: 'hadal doctor explain server.log',
}

function restarts(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'local engines', (figures, model) => {
    const ready = figures.value(metrics.engineReady.name, ofModel(model))
    const counted = figures.counted(metrics.engineRestarts.name, ofModel(model))
    if (ready === undefined && counted === undefined) return undefined
    const { total = 0, recent = 0 } = counted ?? {}
    const times = `${total} ${total === 1 ? 'time' : 'times'}`
    if (ready === 0)
      return {
        severity: 'error',
        says: `${about(model)}its engine accepts no requests${total > 0 ? ` and was restarted ${times}` : ''}`,
        fix: checkLog,
      }
    if (recent > 0)
      return {
        severity: 'error',
        says: `${about(model)}its engine crashed a moment ago and was restarted (${times} in total)`,
        fix: checkLog,
      }
    if (total > 0)
      return {
        severity: 'warning',
        says: `${about(model)}its engine was restarted ${times} since the server started`,
        fix: checkLog,
      }
    return { severity: 'ok', says: `${about(model)}its engine has not restarted since the server started` }
  })
}

/** What a long part of a start can be shortened by. */
const shorter: Readonly<Record<string, string>> = {
  model:
    'Most time goes into reading weights. Use a faster volume, keep the weights in the page cache, or use a smaller quantization.',
  warmUp: 'Most time goes into the warm-up pass, which runs once before the first request.',
  libraries: 'Most time goes into loading libraries. Pre-pull the image, and use a local disk.',
  context: 'Most time goes into allocating the KV cache. Lower kvCacheBytes.',
  prefixes: 'Most time goes into restoring prefixes from snapshotDir or computing them.',
}

function start(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'its startup time', (figures, model) => {
    const phases = figures.by(metrics.startTime.name, 'phase', ofModel(model))
    const all = phases.get('all')
    if (all === undefined) return undefined
    const parts = [...phases].filter(([phase]) => phase !== 'all').sort(([, a], [, b]) => b - a)
    const longest = parts[0]
    const reported = longest === undefined ? '' : `, ${formatMillis(longest[1] * 1000)} of it ${longest[0]}`
    const says = `${about(model)}its engine took ${formatMillis(all * 1000)} to start${reported}`
    if (all < longStartSeconds) return { severity: 'ok', says }
    return {
      severity: 'note',
      says,
      fix: {
        text: `${shorter[longest?.[0] ?? ''] ?? 'The startup phases show where the time goes.'} See docs/coldstart.md.`,
        command: 'hadal bench coldstart',
      },
      evidence: parts.slice(0, shown).map(([phase, seconds]) => `${phase}: ${formatMillis(seconds * 1000)}`),
    }
  })
}

function replicas(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'upstream replicas', (figures, model) => {
    const labels = ofModel(model)
    const up = [...figures.by(metrics.upstreamReplicaUp.name, 'replica', labels)]
    const places = figures.value(metrics.upstreamCapacity.name, labels)
    if (places === undefined) return undefined
    const asleep = sleepOf(figures, model, places)
    if (asleep !== undefined) return asleep
    const down = up.filter(([, value]) => value === 0).map(([replica]) => replica)
    const areDown = new Set(down)
    const states = figures.by(metrics.upstreamBreaker.name, 'replica', labels)
    const open = [...states].filter(([replica, state]) => state === 2 && !areDown.has(replica))
    const evidence = [...down, ...open.map(([replica]) => `${replica} (circuit open)`)].slice(0, shown)
    const rollcall = `${about(model)}${up.length - down.length} of ${up.length} replicas are healthy`
    if (places === 0)
      return {
        severity: 'error',
        says:
          up.length === 0 ? `${about(model)}no replica was found` : `${rollcall}, and none accepts requests`,
        fix: seeReplicas,
        evidence,
      }
    if (down.length + open.length > 0)
      return {
        severity: 'warning',
        says: `${rollcall}${open.length > 0 ? `; the circuit breaker of ${open.length} is open` : ''}`,
        fix: seeReplicas,
        evidence,
      }
    return failing(figures, model) ?? { severity: 'ok', says: rollcall }
  })
}

const seeReplicas: Fix = {
  text: 'Check the health of each replica. A wrong healthPath makes a replica look down.',
  command: 'curl -m 5 -i REPLICA/health',
}

/** One that sleeps is not ill. */
function sleepOf(figures: ServerFigures, model: string, places: number): Verdict | undefined {
  const eta = figures.value(metrics.upstreamWakeEta.name, ofModel(model))
  const held = figures.value(metrics.upstreamHeld.name, ofModel(model)) ?? 0
  if (places > 0 || (eta === undefined && held === 0)) return undefined
  const last = figures.value(metrics.upstreamWakeTime.name, { ...ofModel(model), phase: 'all' })
  const when = eta === undefined ? '' : `, likely to be ready ${formatMillis(eta * 1000)} from then`
  if (held === 0)
    return {
      severity: 'note',
      says: `${about(model)}is scaled to zero until the next request${when}`,
      fix: { text: 'If that takes too long, set scaling.minReplicas to 1 to keep one engine.' },
    }
  const isLate = last !== undefined && eta !== undefined && eta > last
  return {
    severity: isLate ? 'warning' : 'note',
    says: `${about(model)}is starting for ${held} ${held === 1 ? 'request' : 'requests'}${isLate ? ', and takes longer than the last time' : when.replace(' from then', ' from now')}`,
    fix: {
      text: 'Check the autoscaler and the cluster for why the engine is not ready yet.',
      command: 'hadal scale status; kubectl get pods,events --sort-by=.lastTimestamp',
    },
  }
}

function failing(figures: ServerFigures, model: string): Verdict | undefined {
  const attempts = figures.by(metrics.upstreamAttempts.name, 'replica', ofModel(model))
  const failures = figures.by(metrics.upstreamFailures.name, 'replica', ofModel(model))
  const bad = [...failures].filter(([replica, failed]) => {
    const all = attempts.get(replica) ?? 0
    return all >= fewestAttempts && failed > manyFailures * all
  })
  if (bad.length === 0) return undefined
  return {
    severity: 'warning',
    says: `${about(model)}${bad.length} of ${attempts.size} replicas ${bad.length === 1 ? 'fails' : 'fail'} more than ${manyFailures * 100} % of their requests although they are healthy`,
    fix: seeReplicas,
    evidence: bad
      .slice(0, shown)
      .map(([replica, failed]) => `${replica}: ${failed} of ${attempts.get(replica)}`),
  }
}

const group = 'server'
const reads = ['server-metrics', 'server-metrics-later']

export const engineChecks: readonly Check[] = [
  { id: 'server-engine', group, title: 'Engine', reads, verdict: restarts },
  { id: 'server-start', group, title: 'Start', reads, verdict: start },
  { id: 'server-replicas', group, title: 'Replicas', reads, verdict: replicas },
]
