/**
 * GET /hadal/deploy, GET /hadal/deploy/file, GET /hadal/deploy/diff and POST /hadal/deploy/lint: the manifests rendered from a
 * server's config, and findings in manifests. None of these changes a cluster.
 */

import { z } from 'zod'

const name = z.string().min(1).max(253)
const path = z.string().min(1).max(1024)

/**
 * The query of a deployment.
 *
 * @example
 * ```ts
 * import { deployQuerySchema, parse } from '@hadal/protocol'
 *
 * parse(deployQuerySchema, {}).ok // → true
 * ```
 */
export const deployQuerySchema: z.ZodType<DeployQuery> = z.object({ overlay: name.optional() })

export interface DeployQuery {
  /** An overlay of the config; absent: the base. */
  readonly overlay?: string | undefined
}

/**
 * The query for a rendered file.
 *
 * @example
 * ```ts
 * import { deployFileQuerySchema, parse } from '@hadal/protocol'
 *
 * parse(deployFileQuerySchema, { path: 'base/gateway.yaml' }).ok // → true
 * ```
 */
export const deployFileQuerySchema: z.ZodType<DeployFileQuery> = z.object({ overlay: name.optional(), path })

export interface DeployFileQuery extends DeployQuery {
  /** As listed by GET /hadal/deploy. */
  readonly path: string
}

const againsts = ['overlay', 'rendered', 'cluster'] as const

/**
 * The query for a diff of the rendered manifests.
 *
 * @example
 * ```ts
 * import { deployDiffQuerySchema, parse } from '@hadal/protocol'
 *
 * parse(deployDiffQuerySchema, { overlay: 'test' }).ok // → false
 * ```
 */
export const deployDiffQuerySchema: z.ZodType<DeployDiffQuery> = z.object({
  overlay: name.optional(),
  against: z.enum(againsts),
  with: name.optional(),
})

export interface DeployDiffQuery extends DeployQuery {
  /** `overlay`: another overlay or the base; `rendered`: the last rendered folder; `cluster`: the live objects. */
  readonly against: (typeof againsts)[number]
  /** For `overlay`: its name; absent: the base. */
  readonly with?: string | undefined
}

/**
 * The body of a lint request.
 *
 * @example
 * ```ts
 * import { lintRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(lintRequestSchema, {}).ok
 * ```
 */
export const lintRequestSchema: z.ZodType<LintRequest> = z.object({
  files: z
    .array(z.object({ path, text: z.string().max(2_000_000) }))
    .min(1)
    .max(100),
})

export interface LintRequest {
  readonly files: readonly DeployText[]
}

export interface DeployText {
  readonly path: string
  readonly text: string
}

/**
 * The response of `GET /hadal/deploy`.
 *
 * @example
 * ```ts
 * import type { DeployAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/deploy', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as DeployAnswer
 * ```
 */
export interface DeployAnswer {
  readonly name: string
  readonly namespace: string
  /** The config file; absent if there is none and the defaults apply. */
  readonly config?: string
  readonly overlay?: string
  readonly overlays: readonly string[]
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /** Choices made automatically, with their reasons. */
  readonly reasons: readonly { readonly what: string; readonly why: string }[]
  readonly secretName: string
  /** The entries of the Secret, with their environment variables. */
  readonly secretKeys: readonly {
    readonly key: string
    readonly variable: string
    readonly optional: boolean
  }[]
  readonly lint: LintAnswer
  /** The folder last written by `hadal deploy render`, if any, as typed on a command line. */
  readonly renderedFolder?: string
  /** Whether a kubeconfig is available, or this is a pod. */
  readonly hasCluster: boolean
}

/**
 * The response of `POST /hadal/deploy/lint`.
 *
 * @example
 * ```ts
 * import type { LintAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/deploy/lint', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 *   body: JSON.stringify({ files: [{ path: 'a.yaml', text: 'kind: Pod' }] }),
 * })
 * const answer = (await response.json()) as LintAnswer
 * ```
 */
export interface LintAnswer {
  readonly objects: number
  readonly files: number
  readonly findings: readonly LintFindingAnswer[]
}

export interface LintFindingAnswer {
  readonly rule: string
  readonly severity: 'rejected' | 'harmful' | 'advice'
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly object: string
  readonly path: string
  readonly reason: string
  readonly fix: string
  /** A one-sentence description of the rule, if it is in the catalogue. */
  readonly about?: string
}

/**
 * `before` is the compared version, `after` the current config.
 *
 * @example
 * ```ts
 * import type { DeployDiffAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/deploy/diff', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as DeployDiffAnswer
 * ```
 */
export type DeployDiffAnswer =
  | { readonly kind: 'files'; readonly unchanged: number; readonly files: readonly FileDiff[] }
  | {
      readonly kind: 'objects'
      readonly server: string
      readonly context: string
      readonly namespace: string
      readonly unchanged: number
      readonly objects: readonly ObjectDiff[]
      readonly warnings: readonly string[]
    }

export interface FileDiff {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly added: number
  readonly removed: number
  readonly hunks: readonly DiffHunk[]
  /** The result is truncated. */
  readonly isCut: boolean
}

export interface DiffHunk {
  /** Number of its first line, from 1. */
  readonly beforeLine: number
  readonly afterLine: number
  readonly lines: readonly DiffLine[]
}

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

export interface ObjectDiff {
  /** `Deployment hadal/hadal-engine`. */
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed' | 'unserved'
  readonly restartsPods: boolean
  /** Values as text; absent if there is none. */
  readonly fields: readonly { readonly path: string; readonly before?: string; readonly after?: string }[]
}
