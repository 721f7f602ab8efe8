/** What the parts of a relay share: a request on its way, its place at a replica, and what there is to work with. */

import type { Clock, Logger } from '@hadal/base'
import type { Dispatcher } from 'undici'
import type { Admission } from './admission.ts'
import type { ResolvedOptions } from './options.ts'
import type { AttemptTicket, Replica } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { PromptPrefix } from './route/prompt-prefix.ts'

/** A request while it looks for its answer. */
export interface Journey {
  /** Base URLs that were asked. */
  readonly tried: Set<string>
  readonly prompt: PromptPrefix | undefined
}

/** A place at a replica. */
export interface Seat {
  readonly replica: Replica
  readonly ticket: AttemptTicket
}

export interface RelayCounts {
  relayed: number
  retried: number
  hedged: number
  interrupted: number
}

export interface RelayParts {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher: Dispatcher
  readonly replicas: ReplicaSet
  readonly admission: Admission<Journey, Seat>
  readonly counts: RelayCounts
}
