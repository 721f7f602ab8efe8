/** Types shared by the parts of a relay: a request in progress, its slot at a replica, and common dependencies. */

import type { Clock, Logger } from '@hadal/base'
import type { Dispatcher } from 'undici'
import type { Admission } from './admission.ts'
import type { ResolvedOptions } from './options.ts'
import type { AttemptTicket, Replica } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { PromptPrefix } from './route/prompt-prefix.ts'

/** A request without a response yet. */
export interface Journey {
  /** Base URLs that were tried. */
  readonly tried: Set<string>
  readonly prompt: PromptPrefix | undefined
}

/** A slot at a replica. */
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
