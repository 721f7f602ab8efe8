/** A decision as a sentence with its figures, for logs, events and people who wonder. Pure. */

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
  const byOthers = changedFrom === undefined ? '' : ` (somebody changed it from ${changedFrom})`
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
  const most = to === policy.maxReplicas ? `${to} are allowed at most` : 'as many come at a time'
  const rest = wants > to && to > replicas ? `; ${wants} are wanted, and ${most}` : ''
  switch (reason) {
    case 'busy':
      return `${mean}, above ${policy.highPercent} %${rest}`
    case 'backlog':
      return `${requests(waiting)} wait, more than ${policy.backlogPerReplica} for each engine${rest}`
    case 'latency':
      return `the P99 is ${formatMillis(latency ?? 0)}, above ${formatMillis(policy.latencyMillis ?? 0)} for ${ago(kept.lateSince)}`
    case 'forecast':
      return `in ${formatMillis(policy.startMillis)} there will be work for ${wants} of them: ${seen.forecast?.why}${rest}`
    case 'wake':
      return `${(waiting ?? 0) > 0 ? line(waiting) : `${requests(demand)} came`}; an engine takes about ${formatMillis(policy.startMillis)} to start`
    case 'idle':
      return `${mean}, below ${policy.lowPercent} % for ${ago(kept.lowSince)}`
    case 'sleep':
      return `nobody has asked for ${ago(kept.silentSince)}${outlook.isUnmeasured ? ', and none of them answers' : ''}`
    case 'bounds':
      return to < replicas
        ? `${policy.maxReplicas} are allowed at most`
        : `there are to be at least ${outlook.minAwake}`
    case 'steady':
      if (outlook.wantsByForecast >= replicas && seen.forecast !== undefined)
        return `${mean}, and they are kept for what is to come: ${seen.forecast.why}`
      if (outlook.isLow && outlook.enough < replicas && kept.latePercent !== undefined)
        return `${mean}, and fewer would be late: they were when each was ${percent(kept.latePercent)} busy`
      return meanPercent === undefined
        ? 'nothing asks for a change'
        : `${mean}, ${line(waiting)}${soonGone(policy, outlook)}`
    case 'cooldown':
      return `${cause(outlook, mean)}, but the last change was ${ago(lastChange(kept))} ago, and ${formatMillis(cooldownOf(policy, outlook, replicas))} have to pass`
    case 'starting':
      return `${outlook.hasBacklog ? `${line(waiting)}; ` : ''}${seen.readyReplicas} of them ${seen.readyReplicas === 1 ? 'answers' : 'answer'}, the others are starting`
    case 'stale':
      return `nothing is taken away by figures that are not there: ${unusable(outlook)}`
    case 'at_max':
      return `${wants > replicas ? wants : replicas + 1} are wanted, and ${policy.maxReplicas} are allowed at most`
    case 'at_min':
      return `idle, and there are to be at least ${outlook.minAwake}`
    case 'low_not_long_enough':
      return `${mean}, below ${policy.lowPercent} % for ${ago(kept.lowSince)} of ${formatMillis(policy.lowForMillis)}`
    case 'asleep':
      return 'asleep, and nobody asks'
    case 'switched_off':
      return 'somebody set 0, and scaleToZero is off: any other number switches it on again'
  }
}

function cooldownOf(policy: ScalingPolicy, { wants }: Outlook, replicas: number): number {
  const { upCooldownMillis, downCooldownMillis } = policy
  return wants > replicas ? upCooldownMillis : Math.max(upCooldownMillis, downCooldownMillis)
}

const soonGone = (policy: ScalingPolicy, { line, waiting }: Outlook): string =>
  (waiting ?? 0) > policy.backlogPerReplica && goneInMillis(line) <= policy.startMillis
    ? `, but in ${formatMillis(goneInMillis(line))} none will`
    : ''

/** What would have changed the number. */
function cause(
  { why: reason, wants, waiting, isLate, isLow, isSilent, meanPercent }: Outlook,
  mean: string,
): string {
  if (isSilent) return 'nobody asks'
  if (wants > 0 && reason === 'backlog') return line(waiting)
  if (isLate && !isLow && wants === 0) return 'answers are late'
  return meanPercent === undefined ? 'more are wanted' : mean
}

const lastChange = ({ lastUpAt, lastDownAt }: ScalingState): number | undefined =>
  lastUpAt === undefined ? lastDownAt : Math.max(lastUpAt, lastDownAt ?? lastUpAt)

const unusable = ({ views }: Outlook): string =>
  views.flatMap((view) => (view.unusable === undefined ? [] : [`${view.name} (${view.unusable})`])).join(', ')

const requests = (count: number | undefined): string => `${count} ${count === 1 ? 'request' : 'requests'}`
const line = (waiting: number | undefined): string =>
  `${requests(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`

/** With as many digits as it takes not to be one of the marks, if it is none: 29.6 is below 30, and 30 is not. */
function percent(value: number | undefined, ...marks: readonly number[]): string {
  if (value === undefined) return 'who knows how'
  const isApart = (text: string): boolean => marks.every((mark) => mark === value || mark !== Number(text))
  const texts = [0, 1, 2].map((digits) => value.toFixed(digits))
  return `${texts.find(isApart) ?? texts[2]} %`
}

const engines = (count: number): string => `${count} ${count === 1 ? 'engine' : 'engines'}`
