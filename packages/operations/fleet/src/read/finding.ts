/** What is found at one place of a manifest: by the reader here, and by the rules of `@hadal/manifest-lint`. */

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

/**
 * Less than a finding: the place is a path, and the linter adds file, line and object.
 *
 * @example
 * ```ts
 * import type { Issue } from '@hadal/fleet'
 *
 * const issue: Issue = {
 *   rule: 'wrong_type',
 *   severity: 'rejected',
 *   path: ['resources'],
 *   reason: 'resources of a kustomization is a list',
 *   fix: 'Write it as a list.',
 * }
 * ```
 */
export interface Issue {
  readonly rule: string
  readonly severity: LintFinding['severity']
  readonly path: readonly (string | number)[]
  readonly reason: string
  readonly fix: string
}
