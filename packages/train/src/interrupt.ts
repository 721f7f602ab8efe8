/** Ctrl-C as a request: the first SIGINT or SIGTERM asks the run to stop after its step, the second ends the process. */

/** Runs `body` with a signal that aborts on SIGINT or SIGTERM; the process's own handling returns afterwards. */
export async function withInterrupt<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = (name: NodeJS.Signals): void => {
    restore()
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
