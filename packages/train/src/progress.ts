/** Renders a run's events for people: one line redrawn on a terminal, plain lines now and then elsewhere. */

import { formatCount, formatMillis } from '@hadal/base'
import type { StepEvent, TrainListener } from './events.ts'

/** What `process.stderr` offers of a terminal. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const barWidth = 24
/** Weight of the newest step in the running tokens per second and loss. */
const smoothing = 0.05
const plainEverySeconds = 30

export function progressReporter(stream: ProgressStream): TrainListener {
  const running = { tokensPerSecond: 0, loss: 0, seconds: 0 }
  const live = stream.isTTY === true
  let sincePlain = Number.POSITIVE_INFINITY

  const line = (text: string): void => {
    stream.write(live ? `\r\x1b[2K${text}\n` : `${text}\n`)
  }
  const track = (event: StepEvent): void => {
    const weight = running.seconds === 0 ? 1 : smoothing
    running.tokensPerSecond += weight * (event.tokens / event.seconds - running.tokensPerSecond)
    running.loss += weight * (event.loss - running.loss)
    running.seconds += weight * (event.seconds - running.seconds)
  }
  const summary = (event: StepEvent): string => {
    const left = (event.totalSteps - event.step) * running.seconds * 1000
    return [
      `step ${event.step}/${event.totalSteps}`,
      `loss ${running.loss.toFixed(4)}`,
      `lr ${event.learningRate.toExponential(1)}`,
      `norm ${event.gradientNorm.toFixed(2)}`,
      `epoch ${event.epoch.toFixed(2)}`,
      `${formatCount(Math.round(running.tokensPerSecond))} tok/s`,
      `${formatMillis(left)} left`,
    ].join('  ')
  }

  return (event) => {
    switch (event.type) {
      case 'started': {
        const from = event.step > 0 ? `resumes after step ${event.step}` : 'starts'
        line(
          `${event.name}: ${formatCount(event.parameters)} parameters, ${from}, ${event.totalSteps} steps in all`,
        )
        break
      }
      case 'step': {
        track(event)
        sincePlain += event.seconds
        if (live) {
          const text = `${bar(event.step / event.totalSteps)} ${summary(event)}`
          stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 200) - 1)}`)
        } else if (sincePlain >= plainEverySeconds || event.step === event.totalSteps) {
          line(summary(event))
          sincePlain = 0
        }
        break
      }
      case 'evaluated':
        line(`step ${event.step}  held-out loss ${event.loss.toFixed(4)}`)
        break
      case 'warning':
        line(`warning: ${event.message}`)
        break
      case 'interrupted':
        line(`stopped after step ${event.step}; run it again to go on from there`)
        break
      case 'finished':
        line(`finished ${event.step} steps in ${formatMillis(event.seconds * 1000)}`)
        break
      case 'checkpoint':
        break
    }
  }
}

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, fraction) * barWidth)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`
}
