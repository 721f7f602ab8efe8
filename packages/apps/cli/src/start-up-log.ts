/** A logger that delays errors until a service is up. A startup failure is thrown and reported once, not also as log lines. */

import type { Logger } from '@hadal/base'

export interface StartUpLog {
  readonly logger: Logger
  /** Flushes delayed lines and disables the delay. */
  isUp(): void
}

export function startUpLog(target: Logger): StartUpLog {
  let waiting: (() => void)[] | undefined = []
  return {
    logger: {
      ...target,
      error(message, fields) {
        if (waiting === undefined) target.error(message, fields)
        else waiting.push(() => target.error(message, fields))
      },
    },
    isUp() {
      for (const write of waiting ?? []) write()
      waiting = undefined
    },
  }
}
