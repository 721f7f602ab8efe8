/** The signature of rules. */

import type { Issue, LintObject } from '@hadal/fleet'

/** The context of an object: the objects that are applied with it, and what is known about the cluster. */
export interface LintContext {
  readonly objects: readonly LintObject[]
  /** Unallocated GPUs, if known. */
  readonly freeGpus: number | undefined
  /** The same objects as they are now, for fields that cannot be changed. */
  readonly before: readonly LintObject[]
}

/** Every rule, built-in or a user's. Pure. */
export type LintRule = (object: LintObject, context: LintContext) => readonly Issue[]
