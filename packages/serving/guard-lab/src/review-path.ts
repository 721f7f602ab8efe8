/** Where reviews of the guard's verdicts are kept: the service writes them there, and commands read them. */

import { dirname, join, resolve } from 'node:path'
import type { Policy } from '@hadal/guard'

/** Beside the audit, or in `folder` where none is kept. Paths of the policy are relative to `folder`. */
export function reviewPath(policy: Pick<Policy, 'audit'> | undefined, folder: string): string {
  const audit = policy?.audit
  return join(audit ? dirname(resolve(folder, audit.file)) : folder, 'guard-reviews.jsonl')
}
