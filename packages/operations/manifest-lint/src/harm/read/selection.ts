/** Pod selectors, and possible explanations if nothing matches. */

import type { LintObject } from '@hadal/fleet'
import type { LintContext } from '../../lint-rule.ts'
import { textAt, textsOf } from './values.ts'
import { allWorkloads, isSameNamespace, namespaceOf, type Workload, workloadsOf } from './workload.ts'

/** Kinds of which no pods come, alongside those of Kubernetes. */
const podless =
  /^(monitoring\.coreos\.com\/.*(ServiceMonitor|PodMonitor|PrometheusRule|Probe|ScrapeConfig|AlertmanagerConfig)|(keda\.sh|cert-manager\.io|external-secrets\.io|bitnami\.com|gateway\.networking\.k8s\.io|networking\.istio\.io|kustomize\.config\.k8s\.io)\/.*)$/

/** Operators create pods from their own kinds, and an object may be alone in its namespace: then it may select pods that are not here. */
export function mayBeElsewhere(
  object: LintObject,
  context: LintContext,
): { severity: 'advice' } | Record<never, never> {
  const isOperated = context.objects.some((each) => {
    const version = textAt(each.manifest, 'apiVersion') ?? ''
    const kind = `${version} ${textAt(each.manifest, 'kind')}`
    const isCustom = version.includes('.') && !/^[a-z.]+\.k8s\.io\//.test(version)
    return (
      isCustom &&
      !podless.test(kind) &&
      workloadsOf(each).length === 0 &&
      isSameNamespace(namespaceOf(each), namespaceOf(object))
    )
  })
  const own = namespaceOf(object)
  const isAlone =
    own !== undefined && context.objects.every((each) => each === object || namespaceOf(each) !== own)
  return isOperated || isAlone ? { severity: 'advice' } : {}
}

export const isKind = ({ manifest }: LintObject, kind: string): boolean => textAt(manifest, 'kind') === kind

export const beside = (object: LintObject, context: LintContext): readonly Workload[] =>
  allWorkloads(context).filter(({ namespace }) => isSameNamespace(namespace, namespaceOf(object)))

/** `{ app: web }`; of no labels `no labels`. */
export function labelsShown(labels: unknown): string {
  const text = labelText(labels)
  return text === '' ? 'no labels' : `{ ${text} }`
}

const labelText = (labels: unknown): string =>
  Object.entries(textsOf(labels))
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')

/** The pods whose labels are closest to a selector: most likely the intended ones. */
export function nearestPods(wanted: unknown, workloads: readonly Workload[]): Workload | undefined {
  const keys = Object.entries(textsOf(wanted))
  const shared = ({ labels }: Workload): number =>
    keys.filter(([name, value]) => labels[name] === value).length * 2 +
    keys.filter(([name]) => labels[name] !== undefined).length
  return workloads.toSorted((a, b) => shared(b) - shared(a))[0]
}
