/**
 * GET /hadal/deploy, GET /hadal/deploy/file, GET /hadal/deploy/diff and POST /hadal/deploy/lint: what the config of a server
 * becomes in a cluster, and what is wrong with manifests. Nothing of it changes a cluster.
 */

import { z } from 'zod'

const name = z.string().min(1).max(253)
const path = z.string().min(1).max(1024)

/**
 * What is asked of a deployment: of which overlay.
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
  /** One of the config's overlays; without it what holds everywhere. */
  readonly overlay?: string | undefined
}

/**
 * Which rendered file is asked for.
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
  /** As GET /hadal/deploy lists it. */
  readonly path: string
}

const againsts = ['overlay', 'rendered', 'cluster'] as const

/**
 * What is asked of the difference between what is rendered and what runs.
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
  /** `overlay`: another one, or what holds everywhere; `rendered`: the folder that was rendered last; `cluster`: what stands there. */
  readonly against: (typeof againsts)[number]
  /** Of `overlay`: its name; without it what holds everywhere. */
  readonly with?: string | undefined
}

/**
 * The body that asks for findings in manifests.
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
 * The answer of `GET /hadal/deploy`.
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
  /** The file that it was read from; absent where there is none: then it is a service of which nothing is said. */
  readonly config?: string
  readonly overlay?: string
  readonly overlays: readonly string[]
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /** Each choice that was made for the user. */
  readonly reasons: readonly { readonly what: string; readonly why: string }[]
  readonly secretName: string
  /** What the Secret needs, with the variable that each becomes. */
  readonly secretKeys: readonly {
    readonly key: string
    readonly variable: string
    readonly optional: boolean
  }[]
  readonly lint: LintAnswer
  /** The folder that `hadal deploy render` wrote, as one would type it, where there is one. */
  readonly renderedFolder?: string
  /** Whether a kubeconfig is there, or this is a pod. */
  readonly hasCluster: boolean
}

/**
 * The answer of `POST /hadal/deploy/lint`.
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
  /** What the rule is about, in a sentence, where it is in the catalogue. */
  readonly about?: string
}

/**
 * `before` is what it is compared with, `after` what the config says now.
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
  /** There is more than is shown. */
  readonly isCut: boolean
}

export interface DiffHunk {
  /** Of its first line, from 1. */
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
  /** Values as text; absent where there is nothing. */
  readonly fields: readonly { readonly path: string; readonly before?: string; readonly after?: string }[]
}
