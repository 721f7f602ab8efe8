/** A linter finding at one place of a manifest, and the signature of rules. */

import type { Manifest } from '../manifest.ts'

export interface LintFinding {
  /** Stable: `unknown_field`, `surge_without_gpus`. docs/deploy.md lists them. */
  readonly rule: string
  /** `rejected`: an API server would not take it. `harmful`: it would, and it hurts. `advice`: it could be better. */
  readonly severity: 'rejected' | 'harmful' | 'advice'
  readonly file: string
  /** From 1. */
  readonly line: number
  /** `Deployment hadal/hadal-engine`. */
  readonly object: string
  /** `spec.template.spec.containers[0].resources.limits.cpu`. */
  readonly path: string
  readonly reason: string
  readonly fix: string
}

/** One document of a file, with where its parts stand. */
export interface LintObject {
  readonly file: string
  readonly manifest: Manifest
  /** Line of a path such as `['spec', 'containers', 0]`, or of the nearest thing above it that is there. */
  lineOf(path: readonly (string | number)[]): number
}

/** Less than a finding: the place is a path, and the linter adds file, line and object. */
export interface Issue {
  readonly rule: string
  readonly severity: LintFinding['severity']
  readonly path: readonly (string | number)[]
  readonly reason: string
  readonly fix: string
}

/** What a rule is told alongside the object: everything else that is applied with it, and what is known of the cluster. */
export interface LintContext {
  readonly objects: readonly LintObject[]
  /** GPUs that nobody holds, where that is known. */
  readonly freeGpus: number | undefined
  /** The same objects as they are now, for fields that cannot be changed. */
  readonly before: readonly LintObject[]
}

/** Every rule, built-in or a user's. Pure. */
export type LintRule = (object: LintObject, context: LintContext) => readonly Issue[]
