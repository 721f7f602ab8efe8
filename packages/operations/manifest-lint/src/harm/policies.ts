import type { LintObject } from '@hadal/fleet'
import type { FactualRule } from '../rule-facts.ts'
import { beside, isKind, labelsShown, mayBeElsewhere, nearestPods } from './read/selection.ts'
import { fieldsAt, listAt, valueAt } from './read/values.ts'
import { isSameNamespace, namespaceOf, ofKind, selectsPods, servicesOf, titled } from './read/workload.ts'

const policyOfNothing: FactualRule = {
  id: 'policy_selects_nothing',
  severity: 'harmful',
  what: 'a NetworkPolicy that selects no pods',
  why: 'It protects nothing.',
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
      fix: `podSelector: { matchLabels: ${labelsShown(meant.labels)} }, or the subset that stays the same across versions`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const policyPortMissing: FactualRule = {
  id: 'policy_port_missing',
  severity: 'harmful',
  what: 'a NetworkPolicy that allows the Service port instead of the pod port',
  why: 'Policies apply at the pod, behind the Service: the port it listens on stays blocked.',
  *find(object, context) {
    if (!isKind(object, 'NetworkPolicy')) return
    const selector = valueAt(object.manifest, 'spec', 'podSelector')
    const pods = beside(object, context).filter((each) => selectsPods(selector, each))
    const ports = pods.flatMap(({ containers }) =>
      containers.flatMap(({ fields }) => listAt(fields, 'ports')),
    )
    const fronts = pods
      .flatMap((each) => servicesOf(each, context))
      .flatMap(({ manifest }) => listAt(manifest, 'spec', 'ports'))
    for (const [rule, ingress] of listAt(object.manifest, 'spec', 'ingress').entries())
      for (const [at, opened] of listAt(ingress, 'ports').entries()) {
        const port = valueAt(opened, 'port')
        const has = (name: string) => ports.some((each) => valueAt(each, name) === port)
        if (ports.length === 0 || has('containerPort') || has('name')) continue
        if (valueAt(opened, 'endPort') !== undefined) continue
        const front = fronts.find((each) => valueAt(each, 'port') === port)
        const target = valueAt(front, 'targetPort')
        if (typeof port === 'number' ? target === undefined || target === port : typeof port !== 'string')
          continue
        const known = ports.map((each) => String(valueAt(each, 'containerPort')))
        yield {
          path: ['spec', 'ingress', rule, 'ports', at, 'port'],
          reason: `${titled(pods[0]!)} has no port ${String(port)}${front === undefined ? '' : `, which is the port of its Service`}; it has ${[...new Set(known)].join(', ')}`,
          fix: `port: ${String(target ?? known[0])}`,
        }
      }
  },
}

const egressWithoutDns: FactualRule = {
  id: 'egress_without_dns',
  severity: 'harmful',
  what: 'a NetworkPolicy that allows egress but not DNS',
  why: 'Names cannot be resolved, so destinations that are reached by name fail like a network outage.',
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
      reason: 'no egress rule allows port 53',
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

export const policyRules: readonly FactualRule[] = [policyOfNothing, policyPortMissing, egressWithoutDns]
