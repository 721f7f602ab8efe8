/** Interface for creating, limiting and revoking keys, and for usage. */

import type {
  KeyCreate,
  KeyLimitFields,
  KeyList,
  MadeKey,
  ServiceKey,
  UsageGroup,
  UsageReport,
} from '@hadal/protocol'

export interface UsageQuestion {
  readonly by: UsageGroup
  /** `2026-11`; default: the current month. */
  readonly month?: string
  /** Id or name. */
  readonly key?: string
}

export interface KeysApi {
  list(): Promise<KeyList>
  /** Throws `invalid_key_limits`. */
  create(key: KeyCreate): Promise<MadeKey>
  /** Throws `no_such_key`, `invalid_key_limits`. */
  limit(id: string, changes: KeyLimitFields): Promise<ServiceKey>
  /** Throws `no_such_key`. */
  revoke(id: string): Promise<ServiceKey>
  /** Throws `no_such_key`. */
  usage(question: UsageQuestion): Promise<UsageReport>
}
