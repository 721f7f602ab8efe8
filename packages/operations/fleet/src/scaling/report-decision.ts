/** Formats a decision as a sentence with its measurements, for logs, events and users. Pure. */

import { formatMillis } from '@hadal/base'
import type { Choice, ScalingState } from './decision.ts'
import { goneInMillis } from './line-of-requests.ts'
import type { Observation } from './observation.ts'
import type { Outlook } from './outlook.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export function reportDecision(
  policy: ScalingPolicy,
  kept: ScalingState,
  seen: Observation,
  outlook: Outlook,
  { to, reason }: Choice,
  changedFrom: number | undefined,
): string {
  const from = seen.replicas
  const change = to === from ? engines(from) : `${from} to ${engines(to)}`
  const byOthers = changedFrom === undefined ? '' : ` (changed externally from ${changedFrom})`
  return `${change}${byOthers}: ${why(policy, kept, seen, outlook, { to, reason })}`
}

function why(
  policy: ScalingPolicy,
  kept: ScalingState,
  seen: Observation,
  outlook: Outlook,
  { to, reason }: Choice,
): string {
  const { now, replicas } = seen
  const { meanPercent, waiting, demand, latency, wants } = outlook
  const ago = (since: number | undefined): string => {
    const millis = now - (since ?? now)
    // Rounded up, 59.97 of 60 seconds would seem to have passed.
    return millis < 1000 ? 'a moment' : formatMillis(Math.floor(millis / 1000) * 1000)
  }
  const { highPercent, lowPercent } = policy
  const mean = `each is ${percent(meanPercent, highPercent, lowPercent)} busy`
  const most = to === policy.maxReplicas ? `the maximum is ${to}` : 'this is the largest step'
  const rest = wants > to && to > replicas ? `; ${wants} are needed, but ${most}` : ''
  switch (reason) {
    case 'busy':
      return `${mean}, above ${policy.highPercent} %${rest}`
    case 'backlog':
      return `${requests(waiting)} queued, more than ${policy.backlogPerReplica} per engine${rest}`
    case 'latency':
      return `the P99 is ${formatMillis(latency ?? 0)}, above ${formatMillis(policy.latencyMillis ?? 0)} for ${ago(kept.lateSince)}`
    case 'forecast':
      return `in ${formatMillis(policy.startMillis)} the load will need ${wants} engines: ${seen.forecast?.why}${rest}`
    case 'wake':
      return `${(waiting ?? 0) > 0 ? line(waiting) : `${requests(demand)} arrived`}; an engine takes about ${formatMillis(policy.startMillis)} to start`
    case 'idle':
      return `${mean}, below ${policy.lowPercent} % for ${ago(kept.lowSince)}`
    case 'sleep':
      return `no requests for ${ago(kept.silentSince)}${outlook.isUnmeasured ? ', and no engine responds' : ''}`
    case 'bounds':
      return to < replicas ? `the maximum is ${policy.maxReplicas}` : `the minimum is ${outlook.minAwake}`
    case 'steady':
      if (outlook.wantsByForecast >= replicas && seen.forecast !== undefined)
        return `${mean}, and they are kept for the forecast: ${seen.forecast.why}`
      if (outlook.isLow && outlook.enough < replicas && kept.latePercent !== undefined)
        return `${mean}, and fewer engines would miss the latency target, as they did at ${percent(kept.latePercent)} busy`
      return meanPercent === undefined
        ? 'no change needed'
        : `${mean}, ${line(waiting)}${soonGone(policy, outlook)}`
    case 'cooldown':
      return `${cause(outlook, mean)}, but the last change was ${ago(lastChange(kept))} ago, and the cooldown is ${formatMillis(cooldownOf(policy, outlook, replicas))}`
    case 'starting':
      return `${outlook.hasBacklog ? `${line(waiting)}; ` : ''}${seen.readyReplicas} ${seen.readyReplicas === 1 ? 'is' : 'are'} ready, the others are starting`
    case 'stale':
      return `nothing is removed while metrics are missing: ${unusable(outlook)}`
    case 'at_max':
      return `${wants > replicas ? wants : replicas + 1} are needed, but the maximum is ${policy.maxReplicas}`
    case 'at_min':
      return `idle, but the minimum is ${outlook.minAwake}`
    case 'low_not_long_enough':
      return `${mean}, below ${policy.lowPercent} % for ${ago(kept.lowSince)} of ${formatMillis(policy.lowForMillis)}`
    case 'asleep':
      return 'asleep, no requests'
    case 'switched_off':
      return 'set to 0 manually while scaleToZero is off: set any other number to re-enable scaling'
  }
}

function cooldownOf(policy: ScalingPolicy, { wants }: Outlook, replicas: number): number {
  const { upCooldownMillis, downCooldownMillis } = policy
  return wants > replicas ? upCooldownMillis : Math.max(upCooldownMillis, downCooldownMillis)
}

const soonGone = (policy: ScalingPolicy, { line, waiting }: Outlook): string =>
  (waiting ?? 0) > policy.backlogPerReplica && goneInMillis(line) <= policy.startMillis
    ? `, but the queue will be empty in ${formatMillis(goneInMillis(line))}`
    : ''

/** What would have changed the number. */
function cause(
  { why: reason, wants, waiting, isLate, isLow, isSilent, meanPercent }: Outlook,
  mean: string,
): string {
  if (isSilent) return 'no requests'
  if (wants > 0 && reason === 'backlog') return line(waiting)
  if (isLate && !isLow && wants === 0) return 'the latency target is missed'
  return meanPercent === undefined ? 'more engines are needed' : mean
}

const lastChange = ({ lastUpAt, lastDownAt }: ScalingState): number | undefined =>
  lastUpAt === undefined ? lastDownAt : Math.max(lastUpAt, lastDownAt ?? lastUpAt)

const unusable = ({ views }: Outlook): string =>
  views.flatMap((view) => (view.unusable === undefined ? [] : [`${view.name} (${view.unusable})`])).join(', ')

const requests = (count: number | undefined): string => `${count} ${count === 1 ? 'request' : 'requests'}`
const line = (waiting: number | undefined): string => `${requests(waiting)} queued`

/** With as many digits as it takes not to be one of the marks, if it is none: 29.6 is below 30, and 30 is not. */
function percent(value: number | undefined, ...marks: readonly number[]): string {
  if (value === undefined) return 'an unknown percentage'
  const isApart = (text: string): boolean => marks.every((mark) => mark === value || mark !== Number(text))
  const texts = [0, 1, 2].map((digits) => value.toFixed(digits))
  return `${texts.find(isApart) ?? texts[2]} %`
}

const engines = (count: number): string => `${count} ${count === 1 ? 'engine' : 'engines'}`
