/** Location of the review file, written by the service and read by commands. */

import { dirname, join, resolve } from 'node:path'
import type { Policy } from '@hadal/guard'

/** Next to the audit log, or in `folder` without one. Paths of the policy are relative to `folder`. */
export function reviewPath(policy: Pick<Policy, 'audit'> | undefined, folder: string): string {
  const audit = policy?.audit
  return join(audit ? dirname(resolve(folder, audit.file)) : folder, 'guard-reviews.jsonl')
}
