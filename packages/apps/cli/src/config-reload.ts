/**
 * Reads the config of a running service again: on SIGHUP, and when a file that it was read from changes. Either all of it
 * is in force afterwards, as far as it needs no restart, or nothing has changed and every fault is logged. Knows nothing
 * of what the settings do: whoever serves applies them.
 */

import { type Clock, type Logger, messageOf, systemClock, watchFiles } from '@hadal/base'
import { configFileNotFound, planReload, type Resolved, type Service } from '@hadal/config'

export interface ConfigReloadOptions {
  readonly started: Resolved<Service>
  /** Throws every fault there is; tells which files to watch from then on, also where it throws. */
  readonly load: (onFiles: (files: readonly string[]) => void) => Promise<Resolved<Service>>
  /** Watched until the first `load` says better. */
  readonly files: readonly string[]
  /** `changed` are those of the service's settings that were other before. What throws is taken back, by another call. */
  readonly apply: (service: Service, changed: readonly (keyof Service)[]) => void | Promise<void>
  readonly onOutcome?: (outcome: ReloadOutcome) => void
  readonly logger: Logger
  readonly clock?: Clock
  readonly pollMillis?: number
}

export type ReloadOutcome = 'applied' | 'unchanged' | 'refused'

export interface ConfigReload extends Disposable {
  /** What is in force. */
  readonly current: Resolved<Service>
  /** One at a time: what comes while one is under way shares one more after it. Never throws. */
  reload(why: string): Promise<ReloadOutcome>
}

export function watchConfig(options: ConfigReloadOptions): ConfigReload {
  const { started, load, apply, logger, clock = systemClock, pollMillis } = options
  let current = started
  let files = options.files
  let hadFile = Object.values(started.origins).find(({ source }) => source === 'file')?.name
  let closed = false
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<ReloadOutcome> | undefined

  const watchAlso = (read: readonly string[]): void => {
    files = [...new Set([...options.files, ...read])]
  }
  const reloadOnce = async (why: string, isFirst: boolean): Promise<ReloadOutcome> => {
    try {
      let isThere = false
      const loaded = await load((read) => {
        isThere = true
        hadFile ??= read[0]
        watchAlso(read)
      }).finally(() => watching.adopt())
      // A file that was there and has gone is no wish for defaults.
      if (!isThere && hadFile !== undefined) throw configFileNotFound(hadFile)
      if (closed) return 'unchanged'
      const { live, restart, effective } = planReload(current, loaded, started)
      const waiting =
        restart.length > 0 && `${restart.join(', ')}: changed in the config, and waits for a restart`
      if (live.length > 0) await applyWhole(effective, live)
      current = effective
      if (live.length > 0) logger.info(`config read again (${why}): ${live.join(', ')} changed`)
      if (waiting) logger.warn(waiting)
      if (live.length === 0 && !waiting && !isFirst)
        logger.info(`config read again (${why}): nothing changed`)
      return live.length > 0 ? 'applied' : 'unchanged'
    } catch (thrown) {
      const [first, ...faults] = messageOf(thrown).split('\n')
      logger.error(`config refused (${why}), the old one stays: ${first}`)
      for (const fault of faults) logger.error(`config refused: ${fault.trim()}`)
      return 'refused'
    }
  }

  const applyWhole = async (to: Resolved<Service>, changed: readonly (keyof Service)[]): Promise<void> => {
    try {
      await apply(to.values, changed)
    } catch (thrown) {
      await apply(current.values, changed)
      throw thrown
    }
  }

  const reload = (why: string, isFirst = false): Promise<ReloadOutcome> => {
    if (next !== undefined) return next
    const mine = last.then(() => {
      next = undefined
      return reloadOnce(why, isFirst)
    })
    next = mine
    last = mine.then((outcome) => options.onOutcome?.(outcome)).catch(() => {})
    return mine
  }

  const watching = watchFiles({
    files: () => files,
    onChange: () => {
      if (current.values.watchConfig) void reload('it changed')
    },
    clock,
    ...(pollMillis !== undefined && { pollMillis }),
  })
  // The service was started with an earlier reading: a file may have changed since, and what it imports is not known.
  if (started.values.watchConfig) void reload('it changed', true)
  return {
    get current() {
      return current
    },
    reload: (why) => reload(why),
    [Symbol.dispose]() {
      closed = true
      watching[Symbol.dispose]()
    },
  }
}
