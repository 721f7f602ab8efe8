/** Combines a service's alert rules with their state in Prometheus. Pure. */

import type { AlertRule } from '@hadal/fleet'
import type { AlertInstance, AlertRuleAnswer, AlertState } from '@hadal/protocol'
import type { PrometheusAlert, PrometheusRule } from './ask-rules.ts'

const maxInstances = 50

/** `seen` is undefined without Prometheus data. */
export function alertStates(
  rules: readonly AlertRule[],
  seen: readonly PrometheusRule[] | undefined,
  hasRunbook: (alert: string) => boolean,
): readonly AlertRuleAnswer[] {
  const left = new Map<string, PrometheusRule[]>()
  for (const each of seen ?? []) {
    const key = keyOf(each.name, each.labels, each.duration)
    left.set(key, [...(left.get(key) ?? []), each])
  }
  return rules.map((rule) => {
    const { alert, expr, labels, annotations } = rule
    const found = left.get(keyOf(alert, labels, secondsOf(rule.for)))?.shift()
    const { summary, description } = annotations
    return {
      alert,
      severity: labels.severity,
      topic: labels.slo ?? '',
      expr,
      ...(rule.for !== undefined && { for: rule.for }),
      summary,
      description,
      state: seen === undefined ? 'unknown' : stateOf(found),
      instances: (found?.alerts ?? []).map(toInstance).sort(worstFirst).slice(0, maxInstances),
      ...(found !== undefined && found.lastError !== '' && { problem: found.lastError }),
      hasRunbook: hasRunbook(alert),
    }
  })
}

/** Rules of one name differ in severity, window or time. Location labels are excluded, because only one service was requested. */
function keyOf(name: string, labels: Readonly<Record<string, string>>, forSeconds: number): string {
  const own = Object.entries(labels).filter(([label]) => label !== 'namespace')
  return JSON.stringify([name, forSeconds, own.sort(([a], [b]) => (a < b ? -1 : 1))])
}

const units: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** `1h30m`, as Prometheus writes it. */
function secondsOf(duration: string | undefined): number {
  const parts = [...(duration ?? '').matchAll(/(\d+)(ms|[smhdwy])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0)
}

function stateOf(rule: PrometheusRule | undefined): AlertState {
  if (rule === undefined) return 'notLoaded'
  if (rule.alerts.some(({ state }) => state === 'firing')) return 'firing'
  if (rule.alerts.length > 0) return 'pending'
  // A rule that was never evaluated, or fails to evaluate, is not known to be inactive.
  return rule.health === 'ok' ? 'inactive' : 'unknown'
}

function toInstance({ labels, annotations, state, activeAt, value }: PrometheusAlert): AlertInstance {
  const since = Date.parse(activeAt)
  return {
    state,
    ...(Number.isFinite(since) && { since }),
    labels,
    summary: annotations.summary ?? '',
    description: annotations.description ?? '',
    ...(value !== '' && { value }),
  }
}

const worstFirst = (a: AlertInstance, b: AlertInstance): number =>
  Number(b.state === 'firing') - Number(a.state === 'firing') || (a.since ?? 0) - (b.since ?? 0)
