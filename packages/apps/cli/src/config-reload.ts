/**
 * Reloads the config of a running service on SIGHUP and when its files change. Either everything that needs no restart takes effect, or
 * nothing changes and every issue is logged.
 */

import { type Clock, type Logger, messageOf, systemClock, watchFiles } from '@hadal/base'
import { configFileNotFound, planReload, type Resolved, type Service } from '@hadal/config'

export interface ConfigReloadOptions {
  readonly started: Resolved<Service>
  /** Throws every issue; reports the files to watch, even if it throws. */
  readonly load: (onFiles: (files: readonly string[]) => void) => Promise<Resolved<Service>>
  /** Watched until the first `load`. */
  readonly files: readonly string[]
  /** `changed` lists the changed settings. If it throws, it is called again to roll back. */
  readonly apply: (service: Service, changed: readonly (keyof Service)[]) => void | Promise<void>
  readonly onOutcome?: (outcome: ReloadOutcome) => void
  readonly logger: Logger
  readonly clock?: Clock
  readonly pollMillis?: number
}

export type ReloadOutcome = 'applied' | 'unchanged' | 'refused'

export interface ConfigReload extends Disposable {
  /** The effective settings. */
  readonly current: Resolved<Service>
  /** Serialized: requests during a reload share one follow-up. Never throws. */
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
      const [first, ...issues] = messageOf(thrown).split('\n')
      logger.error(`config refused (${why}), the old one stays: ${first}`)
      for (const issue of issues) logger.error(`config refused: ${issue.trim()}`)
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
  // A file may have changed since startup, and its imports are not known yet.
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
