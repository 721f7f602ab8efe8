/** Config reload settings. */

import { flag } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ReloadSettings {
  /** Read the config file again when it, or a file that it imports, changes; SIGHUP always does (docs/reload.md). */
  readonly watchConfig: boolean
}

export const reloadSettings: SettingsTable<ReloadSettings> = {
  watchConfig: setting({
    kind: flag,
    default: false,
    doc: 'Read the config file again when it, or a file that it imports, changes; SIGHUP always does (docs/reload.md).',
    group: 'Operation',
    unit: null,
    flag: '--watch-config',
    env: 'HADAL_WATCH_CONFIG',
    reload: 'live',
  }),
}
