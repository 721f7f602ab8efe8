/**
 * Puts settings that were tuned into the config file of this service, by the code of `hadal tune --write`: shown first, then
 * written, unless the file has become another meanwhile.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { messageOf } from '@hadal/base'
import { checkService, type Resolved, type Service, serviceSettings } from '@hadal/config'
import { changedConfig, configUnwritable, newConfig, newConfigFile } from '@hadal/load'
import type { DiffHunk, TuneApplied, TuneApply, TuneKnobs } from '@hadal/protocol'
import type { TuneApi } from '@hadal/server'
import { lineDiff } from '../deploy/line-diff.ts'

export interface TuneApiOptions {
  readonly service: () => Service
  readonly origins: Resolved<Service>['origins']
  /** Candidates; the first existing one is used. */
  readonly configFiles: readonly string[]
  readonly folder: string
}

const names: readonly (keyof TuneKnobs)[] = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
  'timeoutMicros',
  'threads',
  'contextLength',
  'speculation',
]
const maxLines = 200

export function openTuneApi({ service, origins, configFiles, folder }: TuneApiOptions): TuneApi {
  const place = (): { path: string; file: string; isThere: boolean } => {
    const there = configFiles.find((path) => existsSync(path))
    const path =
      there ?? configFiles.find((name) => name.endsWith(newConfigFile)) ?? configFiles[0] ?? newConfigFile
    return { path, file: relative(folder, path), isThere: there !== undefined }
  }

  return {
    async status() {
      const { sloTtftMillis, sloItlMillis, watchConfig, ...all } = service()
      const { file, isThere } = place()
      const settings = Object.fromEntries(
        names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
      )
      return {
        settings,
        slo: { ttftMillis: sloTtftMillis, itlMillis: sloItlMillis },
        config: { file, isThere, isWatched: watchConfig },
      }
    },
    async apply({ knobs, revision: seen, dryRun = false }: TuneApply): Promise<TuneApplied> {
      const { path, file, isThere } = place()
      const issues = checkService({ ...service(), ...(knobs as Partial<Service>) })
      if (issues.length > 0) throw (await import('@hadal/server')).tuneSettingsUnfit(issues)
      const values = Object.fromEntries(Object.entries(knobs).filter(([, value]) => value !== undefined))
      const before = isThere ? await readFile(path, 'utf8').catch(unwritable(file)) : ''
      const after = isThere ? changedConfig(file, before, values) : newConfig(values)
      const revision = createHash('sha256').update(before).digest('base64url').slice(0, 16)
      if (!dryRun && seen !== undefined && seen !== revision) {
        const { tuneConfigChanged } = await import('@hadal/server')
        throw tuneConfigChanged(file)
      }
      if (!dryRun) await writeFile(path, after).catch(unwritable(file))
      const current = service()
      const changed = names.filter((name) => knobs[name] !== undefined && knobs[name] !== current[name])
      const byOther = changed.filter((name) => ['flag', 'env'].includes(origins[name].source))
      const own = changed.filter((name) => !byOther.includes(name))
      const isLive = (name: keyof TuneKnobs): boolean => {
        const { reload } = serviceSettings[name]
        return reload === 'live' || (reload === 'lower' && Number(knobs[name]) < Number(current[name]))
      }
      return {
        file,
        isNew: !isThere,
        hunks: withoutStrings(lineDiff(before, after, maxLines).hunks),
        revision,
        isWritten: !dryRun,
        live: own.filter(isLive),
        restart: own.filter((name) => !isLive(name)),
        overridden: byOther.map((setting) => ({ setting, by: origins[setting].name })),
      }
    },
  }
}

const unwritable =
  (file: string) =>
  (cause: unknown): never => {
    throw configUnwritable(file, messageOf(cause)).with({ cause })
  }

/** Changed lines only; surrounding ones may contain a key. */
function withoutStrings(hunks: readonly DiffHunk[]): DiffHunk[] {
  return hunks.map((hunk) => ({
    ...hunk,
    lines: hunk.lines
      .filter(({ kind }) => kind !== 'same')
      .map((line) => ({ ...line, text: isOneSetting.test(line.text) ? line.text : hidden(line.text) })),
  }))
}

/** A line that holds one of the tuned settings and nothing else. */
const isOneSetting: RegExp = new RegExp(
  `^\\s*["']?(?:${names.join('|')})["']?\\s*:\\s*(?:'[^']*'|"[^"]*"|[\\w.]+)\\s*,?\\s*$`,
)

/** Hides strings and comments, including ones that span lines. */
const hidden = (text: string): string =>
  text.replace(
    /\/\/.*|\/\*.*?(?:\*\/|$)|(['"`])((?:\\.|(?!\1).)*)(?:\1|$)(?!\s*:)/g,
    (all, quote?: string, inner = '') => {
      if (quote === undefined) return `${all.slice(0, 2)} …`
      return ['auto', 'off', 'hadal'].includes(inner) ? all : `${quote}…${quote}`
    },
  )
