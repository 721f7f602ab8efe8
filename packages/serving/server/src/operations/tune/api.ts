/** Interface of the tuning routes to the config file. */

import type { TuneApplied, TuneApply, TuneStatus } from '@hadal/protocol'

export interface TuneApi {
  status(): Promise<TuneStatus>
  /** Throws `config_unwritable`, `config_invalid` and `tune_config_changed`. */
  apply(apply: TuneApply): Promise<TuneApplied>
}
