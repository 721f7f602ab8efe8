/** Renders events other than steps, one line each. Pure. */

import { formatBytes, formatCount, formatMillis } from '@hadal/base'
import { visibleText } from '@hadal/nn'
import type { EvaluatedEvent, TrainEvent } from '../events.ts'
import type { Paint } from './paint.ts'

/** undefined for events that only go to logs. */
export function eventLine(event: TrainEvent, paint: Paint): string | undefined {
  switch (event.type) {
    case 'started': {
      const from = event.step > 0 ? `resumes after step ${event.step}` : 'starts'
      return `${event.name}: ${formatCount(event.parameters)} parameters, ${from}, ${event.totalSteps} steps in all${(event.ranks ?? 1) > 1 ? `, on ${event.ranks} ranks` : ''}${event.privacy === undefined ? '' : `; ${event.privacy}`}${event.fusedOps === undefined ? '' : `; ${event.fusedOps}`}`
    }
    case 'evaluated':
      return `step ${event.step}  held-out loss ${event.loss.toFixed(4)}${measuresText(event)}${event.epsilon === undefined ? '' : `, epsilon ${event.epsilon.toFixed(4)} spent`}`
    case 'sampled':
      return `step ${event.step}  ${paint(oneLine(event.prompt), 'dim')} → ${oneLine(event.text)}`
    case 'best':
      return `step ${event.step}  checkpoint kept as one of the best`
    case 'decision':
      return `${paint('guard:', 'yellow')} ${event.message}`
    case 'phase':
      return `step ${event.step}  from here on ${event.message}`
    case 'emptied':
      return `step ${event.step}  ${formatBytes(Math.max(0, event.freeBytesBefore - event.freeBytesAfter))} of free memory released`
    case 'profiled':
      return [
        `${event.first === event.last ? `step ${event.first}` : `steps ${event.first} to ${event.last}`} profiled: ${event.page}`,
        ...event.advice.map((sentence) => `  ${sentence}`),
      ].join('\n')
    case 'warning':
      return `${paint('warning:', 'yellow')} ${event.message}`
    case 'interrupted':
      return `stopped after step ${event.step}; run it again to resume`
    case 'stopped':
      return `stopped after step ${event.step}: ${event.reason}`
    case 'finished':
      return `finished ${event.step} steps in ${formatMillis(event.seconds * 1000)}`
    default:
      return undefined
  }
}

/** `, accuracy 0.9312`. */
const measuresText = ({ measures = {} }: EvaluatedEvent): string =>
  Object.entries(measures)
    .map(([name, value]) => `, ${name} ${value.toFixed(4)}`)
    .join('')

/** Model output may contain control characters; none may move the cursor. */
const oneLine = (text: string): string => visibleText(text).replaceAll('\n', '')
