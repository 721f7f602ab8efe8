/** Progress reports of a rank to its supervisor. Subscribes to the run's events; the transport is the caller's. */

import type { TrainLog } from '../events.ts'

export interface Heartbeat {
  /** Steps done. */
  readonly step: number
  /** `ending`: the last step is done, and no time limit applies to what follows. */
  readonly doing: 'training' | 'ending'
}

/**
 * Beats with every event that has a step.
 *
 * @internal
 */
export function heartbeat(send: (beat: Heartbeat) => void): TrainLog {
  return (event) => {
    if (!('step' in event)) return
    const { type, step } = event
    const isOver = type === 'finished' || type === 'stopped' || type === 'interrupted'
    send({ step, doing: isOver ? 'ending' : 'training' })
  }
}
