/** Kustomizations: not cluster objects but their generators. Basic checks only. */

import { nearest } from '@hadal/base'
import type { Issue } from './finding.ts'

/** Fields of `kustomize.config.k8s.io` that kustomize 5 takes; old ones still work. */
const fields =
  `apiVersion kind metadata resources components bases crds namespace namePrefix nameSuffix labels commonLabels
commonAnnotations buildMetadata patches patchesStrategicMerge patchesJson6902 replacements vars images replicas
configMapGenerator secretGenerator generatorOptions configurations generators transformers validators openapi helmCharts
helmChartInflationGenerator helmGlobals inventory sortOptions imageTags`.split(/\s+/)

const lists =
  `resources components bases crds labels patches patchesStrategicMerge patchesJson6902 replacements images
replicas configMapGenerator secretGenerator configurations generators transformers validators`.split(/\s+/)

export function isKustomization(file: string, value: unknown): boolean {
  const { apiVersion } = (value ?? {}) as { apiVersion?: unknown }
  if (typeof apiVersion === 'string') return apiVersion.startsWith('kustomize.config.k8s.io/')
  return /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file)
}

export function kustomizationIssues(value: Record<string, unknown>): Issue[] {
  const issues: Issue[] = []
  for (const [name, one] of Object.entries(value)) {
    if (!fields.includes(name))
      issues.push({
        rule: 'unknown_field',
        severity: 'rejected',
        path: [name],
        reason: `unknown field ${name} in a kustomization: kustomize rejects the file`,
        fix: meant(nearest(name, fields)),
      })
    else if (lists.includes(name) && one !== null && !Array.isArray(one))
      issues.push({
        rule: 'wrong_type',
        severity: 'rejected',
        path: [name],
        reason: `${name} of a kustomization must be a list`,
        fix: 'Use a list.',
      })
  }
  return issues
}

const meant = (name: string | undefined): string =>
  name === undefined ? 'Delete it.' : `Did you mean ${name}?`

/** Files that the kustomization uses as patches or values: they are no whole manifests. Paths from the same root. */
export function partsOf(file: string, value: Record<string, unknown>): string[] {
  const folder = file.split('/').slice(0, -1)
  const said: unknown[] = []
  for (const patch of listOf(value.patches)) said.push((patch as { path?: unknown } | null)?.path)
  for (const patch of listOf(value.patchesJson6902)) said.push((patch as { path?: unknown } | null)?.path)
  for (const one of listOf(value.replacements)) said.push((one as { path?: unknown } | null)?.path)
  for (const name of ['patchesStrategicMerge', 'configurations', 'generators', 'transformers', 'validators'])
    said.push(...listOf(value[name]))
  for (const name of ['configMapGenerator', 'secretGenerator'])
    for (const one of listOf(value[name])) {
      const { files, envs } = (one ?? {}) as { files?: unknown; envs?: unknown }
      for (const entry of [...listOf(files), ...listOf(envs)]) said.push(String(entry).split('=').pop())
    }
  return said
    .filter((path): path is string => typeof path === 'string' && !path.includes('\n'))
    .map((path) => normalized([...folder, ...path.split('/')]))
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function normalized(steps: readonly string[]): string {
  const kept: string[] = []
  for (const step of steps) {
    if (step === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (step !== '.' && step !== '') kept.push(step)
  }
  return (steps[0] === '' ? '/' : '') + kept.join('/')
}
