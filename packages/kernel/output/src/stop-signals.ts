/** Two-step shutdown: the first SIGINT or SIGTERM requests a graceful stop, the second exits immediately. */

import { constants } from 'node:os'

export interface StopSignals extends Disposable {
  /** Aborted by the first signal; the reason is its name. */
  readonly first: AbortSignal
}

const names = ['SIGINT', 'SIGTERM'] as const

export function watchStopSignals(
  onSecond: (code: number) => void = (code) => process.exit(code),
): StopSignals {
  const controller = new AbortController()
  const listen = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) onSecond(signalExitCode(name))
    else controller.abort(name)
  }
  for (const name of names) process.on(name, listen)
  return {
    first: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, listen)
    },
  }
}

/** 130 for SIGINT, 143 for SIGTERM, as in shells. */
export function signalExitCode(name: NodeJS.Signals): number {
  return 128 + constants.signals[name]
}
