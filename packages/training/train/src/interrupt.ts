/** Ctrl-C as a request: the first SIGINT or SIGTERM asks the run to stop after its step, the second ends the process. */

export interface InterruptOptions {
  /** A second signal within this time counts as the same one: a launcher forwards signals that its ranks may also receive directly. */
  readonly echoMillis?: number
}

/**
 * Runs `body` with a signal that aborts on SIGINT or SIGTERM; the process's own handling returns afterwards.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { train, withInterrupt } from '@hadal/train'
 *
 * const { status } = await withInterrupt((signal) => train(run, { signal })) // Ctrl-C saves a checkpoint first
 * ```
 */
export async function withInterrupt<T>(
  body: (signal: AbortSignal) => Promise<T>,
  { echoMillis = 0 }: InterruptOptions = {},
): Promise<T> {
  const controller = new AbortController()
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return
    if (echoMillis > 0) setTimeout(restore, echoMillis).unref()
    else restore()
    controller.abort(new Error(name))
  }
  const restore = (): void => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await body(controller.signal)
  } finally {
    restore()
  }
}
