import type { LintObject } from '../finding.ts'
import type { FactualRule } from '../rule-facts.ts'
import { beside, isKind, labelsShown, mayBeElsewhere, nearestPods } from './read/selection.ts'
import { fieldsAt, listAt, valueAt } from './read/values.ts'
import { isSameNamespace, namespaceOf, ofKind, selectsPods, titled } from './read/workload.ts'

const policyOfNothing: FactualRule = {
  id: 'policy_selects_nothing',
  severity: 'harmful',
  what: 'a NetworkPolicy that selects no pods of the set',
  why: 'It protects nothing, and looks as if it did.',
  *find(object, context) {
    if (!isKind(object, 'NetworkPolicy')) return
    const selector = valueAt(object.manifest, 'spec', 'podSelector')
    const workloads = beside(object, context)
    if (workloads.length === 0 || workloads.some((each) => selectsPods(selector, each))) return
    const wanted = valueAt(selector, 'matchLabels')
    const meant = nearestPods(wanted, workloads)!
    yield {
      path: ['spec', 'podSelector'],
      reason: `no pods have ${labelsShown(wanted)}; pods of ${titled(meant)} have ${labelsShown(meant.labels)}`,
      fix: `podSelector: { matchLabels: ${labelsShown(meant.labels)} }, or those of them that stay the same in each version`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const egressWithoutDns: FactualRule = {
  id: 'egress_without_dns',
  severity: 'harmful',
  what: 'a NetworkPolicy that lets pods out, but not to DNS',
  why: 'Names cannot be resolved, so nothing that it allows by name can be reached: it looks like a fault of the network.',
  *find(object, context) {
    if (!isKind(object, 'NetworkPolicy') || listAt(object.manifest, 'spec', 'egress').length === 0) return
    const selector = valueAt(object.manifest, 'spec', 'podSelector')
    const covered = beside(object, context).filter((each) => selectsPods(selector, each))
    const policies = ofKind(context, 'NetworkPolicy').filter((each) =>
      isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    const isHelped = (other: LintObject) => {
      const theirs = valueAt(other.manifest, 'spec', 'podSelector')
      const isWhole =
        Object.keys(fieldsAt(theirs, 'matchLabels')).length + listAt(theirs, 'matchExpressions').length === 0
      return (
        allowsDns(other) &&
        (isWhole || (covered.length > 0 && covered.every((each) => selectsPods(theirs, each))))
      )
    }
    if (policies.some(isHelped) || allowsDns(object)) return
    yield {
      path: ['spec', 'egress'],
      reason: 'no rule of egress lets port 53 through',
      fix: 'egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }] }, ...]',
    }
  },
}

const allowsDns = ({ manifest }: LintObject): boolean =>
  listAt(manifest, 'spec', 'egress').some((rule) => {
    const ports = listAt(rule, 'ports')
    return (
      ports.length === 0 ||
      ports.some(
        (each) =>
          ['53', 'dns'].includes(String(valueAt(each, 'port'))) || valueAt(each, 'port') === undefined,
      )
    )
  })

export const policyRules: readonly FactualRule[] = [policyOfNothing, egressWithoutDns]
