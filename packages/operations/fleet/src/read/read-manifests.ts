/**
 * Reads files as objects with lines, and reports what cannot be one. Accepts YAML and JSON, several documents per file, `kind:
 * List`; skips kustomizations and their patches.
 */

import { isPlainObject } from '@hadal/base'
import type { Manifest, RenderedFile } from '../manifest.ts'
import { type ReadDocument, readDocuments } from './documents.ts'
import type { Issue, LintFinding, LintObject } from './finding.ts'
import { isKustomization, kustomizationIssues, partsOf } from './kustomization.ts'
import type { Path } from './positions.ts'

export interface ReadManifests {
  readonly objects: readonly LintObject[]
  readonly findings: readonly LintFinding[]
}

const known = new WeakMap<readonly RenderedFile[], ReadManifests>()

/**
 * Never throws. Paths of `files` are from one root, with `/`. The same list is read once: most of a check is reading.
 *
 * @example
 * ```ts
 * import { readManifests } from '@hadal/fleet'
 *
 * const { objects, findings } = readManifests([{ path: 'a.yaml', text: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }' }])
 * objects.map(({ manifest }) => manifest.kind) // → [ 'Namespace' ]
 * ```
 */
export function readManifests(files: readonly RenderedFile[]): ReadManifests {
  const before = known.get(files)
  if (before !== undefined) return before
  const read = readAll(files)
  known.set(files, read)
  return read
}

function readAll(files: readonly RenderedFile[]): ReadManifests {
  const findings: LintFinding[] = []
  const read = files.map((file) => ({ file: file.path, documents: readDocuments(file.text) }))
  const parts = new Set<string>()
  for (const { file, documents } of read)
    for (const { value } of documents)
      if (isPlainObject(value) && isKustomization(file, value))
        for (const part of partsOf(file, value)) parts.add(part)
  const objects: LintObject[] = []
  for (const { file, documents } of read) {
    if (parts.has(file.replace(/^\.\//, ''))) continue
    for (const document of documents) {
      for (const { rule, line, path, reason, fix } of document.issues)
        findings.push({
          rule,
          severity: 'rejected',
          file,
          line,
          object: '',
          path: pathText(path),
          reason,
          fix,
        })
      take(document, document.value, [])
    }

    function take(document: ReadDocument, value: unknown, prefix: Path): void {
      if (value === undefined || value === null) return
      const issues = !isPlainObject(value)
        ? [notAnObject(value)]
        : isKustomization(file, value)
          ? kustomizationIssues(value)
          : kindIssues(value)
      for (const { path, ...rest } of issues) {
        const whole = [...prefix, ...path]
        findings.push({ ...rest, file, line: document.lineOf(whole), object: '', path: pathText(whole) })
      }
      if (issues.length > 0 || !isPlainObject(value) || isKustomization(file, value)) return
      if (String(value.kind).endsWith('List') && Array.isArray(value.items))
        value.items.forEach((item, index) => {
          take(document, item, [...prefix, 'items', index])
        })
      else
        objects.push({
          file,
          // Rules read everything below apiVersion and kind as unknown.
          manifest: value as unknown as Manifest,
          lineOf: (path) => document.lineOf([...prefix, ...path]),
        })
    }
  }
  return { objects, findings }
}

const notAnObject = (value: unknown): Issue => ({
  rule: 'not_an_object',
  severity: 'rejected',
  path: [],
  reason: `the document must be an object, and is ${Array.isArray(value) ? 'a list' : 'a single value'}`,
  fix: 'Put apiVersion, kind and metadata at the top level.',
})

function kindIssues(value: Record<string, unknown>): Issue[] {
  const missing = ['apiVersion', 'kind'].filter(
    (name) => typeof value[name] !== 'string' || value[name] === '',
  )
  if (missing.length === 0) return []
  return [
    {
      rule: 'no_kind',
      severity: 'rejected',
      path: [],
      reason: `the document has no string ${missing.join(' and no string ')}, so its kind is unknown`,
      fix: 'Set both: apiVersion: apps/v1, kind: Deployment. Move files with other content out of the manifests.',
    },
  ]
}

/**
 * `spec.containers[0].image`; keys with dots stand in brackets.
 *
 * @internal
 */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
