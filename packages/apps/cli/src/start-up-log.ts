/**
 * A logger whose errors wait until a service is up. What keeps it from coming up is thrown and reported once, as the error
 * it is, not also as log lines of everything it passed on its way.
 */

import type { Logger } from '@hadal/base'

export interface StartUpLog {
  readonly logger: Logger
  /** Writes what waited; from now on nothing does. */
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
