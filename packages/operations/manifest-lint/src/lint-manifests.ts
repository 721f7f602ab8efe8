/** Manifests in, findings out: reads the files and asks every rule. Reads no disk and asks no cluster. */

import { type LintFinding, type LintObject, pathText, type RenderedFile, readManifests } from '@hadal/fleet'
import { harmRules } from './harm/rules.ts'
import type { LintContext, LintRule } from './lint-rule.ts'
import { rejectionRules } from './reject/rules.ts'

export interface LintOptions {
  /** In place of the built-in ones. */
  readonly rules?: readonly LintRule[]
  /** Unallocated GPUs of the cluster. Default: unknown. */
  readonly freeGpus?: number | undefined
  /** The same objects as they are now, for fields that cannot be changed. */
  readonly before?: readonly RenderedFile[] | undefined
}

/**
 * Sorted by file and line. Never throws: what cannot be read is a finding.
 *
 * @example
 * ```ts
 * import { lintManifests } from '@hadal/manifest-lint'
 *
 * const findings = lintManifests([{ path: 'app.yaml', text: 'apiVersion: apps/v1\nkind: Deploymnt\nmetadata: { name: a }' }])
 * for (const { rule, file, line, reason, fix } of findings) console.log(`${file}:${line} ${rule}: ${reason}; ${fix}`)
 * ```
 */
export function lintManifests(files: readonly RenderedFile[], options: LintOptions = {}): LintFinding[] {
  const { objects, findings } = readManifests(files)
  const context: LintContext = {
    objects,
    freeGpus: options.freeGpus,
    before: readManifests(options.before ?? []).objects,
  }
  const rules = options.rules ?? [...rejectionRules, ...harmRules]
  const found = [...findings]
  for (const object of objects)
    for (const rule of rules)
      for (const { path, ...rest } of rule(object, context))
        found.push({
          ...rest,
          file: object.file,
          line: object.lineOf(path),
          object: nameOf(object),
          path: pathText(path),
        })
  return found.sort((a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.path, b.path))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `Deployment hadal/hadal-engine`. */
function nameOf({ manifest }: LintObject): string {
  const { name, namespace } = (manifest.metadata ?? {}) as { name?: unknown; namespace?: unknown }
  const own = typeof name === 'string' && name !== '' ? name : '(without a name)'
  return `${manifest.kind} ${typeof namespace === 'string' ? `${namespace}/` : ''}${own}`
}
