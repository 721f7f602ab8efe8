/** Checks of server failures: errors, rejections, client disconnects, guard cost and failures, rejected configs. */

import { formatMillis } from '@hadal/base'
import { metrics } from '@hadal/protocol'
import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { promisesOf } from './promises.ts'
import { quantile } from './scrape.ts'
import { about, ofEachModel, type ServerFigures, serverFigures } from './server-figures.ts'

/** Minimum requests for a meaningful share. */
const fewest = 20
const shown = 5
/** Clients may disconnect because they have read enough; above this share, the service is too slow for them. */
const manyLeave = 0.2
/** Share of the P99 of a whole response; a slower guard is noticeable. */
const costlyGuard = 0.1
/** A guard has a few; of a text that names more, the rest is not judged. */
const maxLayers = 50

const percent = (share: number): string =>
  `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`
const lookUp = (code: string): Fix => ({
  text: `docs/errors.md explains each code and its fix. The log has each failed request.`,
  command: `grep ${JSON.stringify(code)} server.log | tail`,
})

/** Routes that call a model; lists, metrics and pages are not user requests. */
const modelRoute = /(completions?|messages|responses|embeddings?|rerank|infill|infer|chat|generate)$/

const maxRoute = 40

interface Statuses {
  readonly all: number
  readonly failed: number
  readonly refused: number
}

function statuses(figures: ServerFigures): Statuses | undefined {
  const samples = figures.samples(metrics.httpRequests.name)
  if (samples.length === 0) return undefined
  let [all, failed, refused] = [0, 0, 0]
  for (const { labels, value } of samples) {
    const { route = '', status = '' } = labels
    if (!modelRoute.test(route.slice(-maxRoute)) || !(value >= 0 && Number.isFinite(value))) continue
    all += value
    if (status === '429' || status === '503') refused += value
    else if (status.startsWith('5')) failed += value
  }
  return { all, failed, refused }
}

/** Error codes behind a status, most frequent first. */
const codes = (figures: ServerFigures): readonly (readonly [string, number])[] =>
  [...figures.by(metrics.errors.name, 'code')]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)

const reported = (all: readonly (readonly [string, number])[]): readonly string[] =>
  all.map(([name, count]) => `${name}: ${count}`)

function ofServer(
  capture: Capture,
  judge: (figures: ServerFigures) => Verdict | readonly Verdict[] | undefined,
  what: string,
): Verdict | readonly Verdict[] {
  const found = serverFigures(capture)
  if ('verdict' in found) return found.verdict
  return judge(found.figures) ?? { severity: 'skipped', says: `this server does not report ${what}` }
}

function errors(capture: Capture): Verdict | readonly Verdict[] {
  const { availability } = promisesOf(capture)
  return ofServer(
    capture,
    (figures) => {
      const counted = statuses(figures)
      if (counted === undefined) return undefined
      const { all, failed } = counted
      const found = codes(figures)
      if (all < fewest)
        return {
          severity: 'ok',
          says: `${all} ${all === 1 ? 'request' : 'requests'} so far, ${failed} failed`,
        }
      const share = failed / all
      const says = `${percent(share)} of ${all} requests failed (5xx)`
      if (share <= 1 - availability) return { severity: 'ok', says }
      return {
        severity: share > 10 * (1 - availability) ? 'error' : 'warning',
        says: `${says}: above the ${percent(1 - availability)} that slo.availability allows`,
        fix: lookUp(found[0]?.[0] ?? 'error'),
        evidence: reported(found),
      }
    },
    'failed requests',
  )
}

function refusals(capture: Capture): Verdict | readonly Verdict[] {
  return ofServer(
    capture,
    (figures) => {
      const counted = statuses(figures)
      if (counted === undefined) return undefined
      const reasons = [...figures.by(metrics.keyRefusals.name, 'reason')].filter(([, count]) => count > 0)
      const { all, refused } = counted
      const says = `${refused} of ${all} requests were rejected (429, 503)`
      const share = all === 0 ? 0 : refused / all
      if (refused === 0 && reasons.length === 0)
        return { severity: 'ok', says: `none of ${all} requests was rejected` }
      const evidence = [
        ...reported(codes(figures)),
        ...reported(reasons.map(([name, count]) => [`key: ${name}`, count] as const)),
      ]
      if (all < fewest || share < 0.01)
        return { severity: 'note', says, fix: lookUp(codes(figures)[0]?.[0] ?? 'refused'), evidence }
      return {
        severity: 'warning',
        says,
        fix: {
          text: 'For queue_full, upstream_busy and deadline_unmet, add engines or slots. For rate_limited, concurrency_limited and budget_exhausted, change the limits of the key with `hadal keys`.',
          command: 'hadal keys list',
        },
        evidence,
      }
    },
    'rejected requests',
  )
}

function leaving(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'client disconnects', (figures, model) => {
    const reasons = figures.by(
      metrics.finished.name,
      'finished_reason',
      model === '' ? {} : { model_name: model },
    )
    const all = [...reasons.values()].reduce((sum, count) => sum + count, 0)
    if (reasons.size === 0) return undefined
    const left = reasons.get('abort') ?? 0
    const says = `${about(model)}clients disconnected before the end of ${left} of ${all} sequences`
    if (all < fewest || left <= manyLeave * all) return { severity: 'ok', says }
    return {
      severity: 'warning',
      says: `${says} (${percent(left / all)})`,
      fix: {
        text: 'Clients give up, or a proxy times out. Compare the proxy timeout with the response times here, use streaming, and check the latency findings above.',
      },
    }
  })
}

function guard(capture: Capture): Verdict | readonly Verdict[] {
  return ofServer(
    capture,
    (figures) => {
      const layers = [...figures.by(`${metrics.guardTime.name}_count`, 'layer')].filter(
        ([, count]) => count > 0,
      )
      if (layers.length === 0) return undefined
      const found: Verdict[] = []
      const failures = [...figures.by(metrics.guardFailures.name, 'check')].filter(([, count]) => count > 0)
      if (failures.length > 0)
        found.push({
          severity: 'warning',
          says: `guard checks failed or timed out: ${reported(failures.slice(0, shown)).join(', ')}`,
          fix: {
            text: 'The policy decides whether such texts pass or are blocked. The log has the exceptions.',
            command: 'grep guard server.log | tail',
          },
        })
      const texts = layers.reduce((most, [, count]) => Math.max(most, count), 0)
      const all = figures.value(`${metrics.guardTime.name}_sum`) ?? 0
      const slowest = layers
        .slice(0, maxLayers)
        .flatMap(([layer]) => {
          const histogram = figures.histogramOf(metrics.guardTime.name, { layer })
          const at = histogram && quantile(histogram, 0.99)
          return at === undefined ? [] : [{ layer, millis: at.value * 1000 }]
        })
        .toSorted((a, b) => b.millis - a.millis)[0]
      const allowed = costlyGuard * promisesOf(capture).latencyMillis
      const says = `the guard takes ${formatMillis((all / texts) * 1000)} per text on average`
      if (slowest !== undefined && slowest.millis > allowed)
        found.push({
          severity: 'note',
          says: `${says}; the P99 of ${slowest.layer} alone is ${formatMillis(slowest.millis)} or longer`,
          fix: {
            text: `This is more than ${percent(costlyGuard)} of the response time SLO. A busy process, slow patterns or long texts cause this. Measure each layer with one text.`,
            command: 'hadal guard check TEXT',
          },
        })
      return found.length > 0 ? found : { severity: 'ok', says }
    },
    'a guard',
  )
}

function config(capture: Capture): Verdict | readonly Verdict[] {
  return ofServer(
    capture,
    (figures) => {
      const good = figures.value(metrics.configGood.name)
      if (good === undefined) return undefined
      if (good !== 0) return { severity: 'ok', says: 'it uses the current config file' }
      return {
        severity: 'warning',
        says: 'the config file was rejected on reload: the previous settings remain in effect',
        fix: { text: 'Check it for errors.', command: 'hadal config check' },
      }
    },
    'its config file',
  )
}

function accounts(capture: Capture): Verdict | readonly Verdict[] {
  return ofServer(
    capture,
    (figures) => {
      const up = figures.value(metrics.databaseUp.name)
      if (up === undefined) return undefined
      const backlog = figures.value(metrics.journalBacklog.name) ?? 0
      if (up === 0)
        return {
          severity: 'error',
          says: `the key database does not respond; the usage of ${backlog} requests is in the journal`,
          fix: {
            text: 'Cached keys remain valid for a while. Check that the database runs and that this server can reach it.',
          },
        }
      return { severity: 'ok', says: 'the key database responds' }
    },
    'a key database',
  )
}

const group = 'server'
const reads = ['server-metrics', 'server-metrics-later']

export const failureChecks: readonly Check[] = [
  { id: 'server-errors', group, title: 'Errors', reads: [...reads, 'service-slo'], verdict: errors },
  { id: 'server-refusals', group, title: 'Rejected requests', reads, verdict: refusals },
  { id: 'server-clients-leave', group, title: 'Client disconnects', reads, verdict: leaving },
  { id: 'server-guard', group, title: 'Guard', reads: [...reads, 'service-slo'], verdict: guard },
  { id: 'server-config', group, title: 'Config', reads, verdict: config },
  { id: 'server-accounts', group, title: 'Key database', reads, verdict: accounts },
]
