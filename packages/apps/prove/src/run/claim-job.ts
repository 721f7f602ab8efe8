/** Messages to and from the process of a claim. Crosses as JSON. */

import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type HadalErrorFields, type ProgramEntry, programEntry } from '@hadal/base'
import type { ClaimMode } from '../claim.ts'

export interface ClaimJob {
  /** URL of the module that exports `claim`, or `claims` with this one among them. */
  readonly module: string
  readonly id: string
  readonly mode: ClaimMode
  readonly seed: number
  /** Is there, and is empty. */
  readonly folder: string
  /** Where its raw results go; written whole or not at all. */
  readonly rawFile: string
  readonly hadal: readonly string[]
  /** Paths by name. */
  readonly bundledModels: Readonly<Record<string, string>>
}

export type ClaimMessage =
  | { readonly about: 'note'; readonly text: string }
  /** It could not be measured; the process then ends. */
  | { readonly about: 'failed'; readonly error: HadalErrorFields & { readonly message: string } }

/** `claim-main JOB`. */
export const claimProgram: ProgramEntry = programEntry(import.meta.url, './claim-main')

/** URL of the module of a claim that comes with Hadal: its own, so that a process loads what this one takes. */
export function ownClaimModule(id: string): string {
  const { path } = claimProgram
  return new URL(`../claims/${id}/claim${extname(path)}`, pathToFileURL(path)).href
}
