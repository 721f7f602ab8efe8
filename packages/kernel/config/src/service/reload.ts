/** Config reload settings. */

import { flag } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ReloadSettings {
  /** Reload the config file when it or a file it imports changes; SIGHUP always reloads (docs/reload.md). */
  readonly watchConfig: boolean
}

export const reloadSettings: SettingsTable<ReloadSettings> = {
  watchConfig: setting({
    kind: flag,
    default: false,
    doc: 'Reload the config file when it or a file it imports changes; SIGHUP always reloads (docs/reload.md).',
    group: 'Operation',
    unit: null,
    flag: '--watch-config',
    env: 'HADAL_WATCH_CONFIG',
    reload: 'live',
  }),
}
