/** What sends to what: Services, Ingresses, monitors and policies that reach nothing. */

import { nearest } from '@hadal/base'
import type { LintContext, LintObject } from '../finding.ts'
import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, textAt, textsOf, valueAt, wordsOf } from './read/values.ts'
import {
  allWorkloads,
  isSameNamespace,
  isSelected,
  nameOf,
  namespaceOf,
  ofKind,
  titled,
  type Workload,
} from './read/workload.ts'

/** Kinds of which no pods come, beside those of Kubernetes. */
const podless =
  /^(monitoring\.coreos\.com\/.*(ServiceMonitor|PodMonitor|PrometheusRule|Probe|ScrapeConfig|AlertmanagerConfig)|(keda\.sh|cert-manager\.io|external-secrets\.io|bitnami\.com|gateway\.networking\.k8s\.io|networking\.istio\.io|kustomize\.config\.k8s\.io)\/.*)$/

/** Operators make pods of their own kinds, and an object may be alone in its namespace: then it may select what is not here. */
function mayBeElsewhere(
  object: LintObject,
  context: LintContext,
): { severity: 'advice' } | Record<never, never> {
  const isOperated = context.objects.some((each) => {
    const version = textAt(each.manifest, 'apiVersion') ?? ''
    const kind = `${version} ${textAt(each.manifest, 'kind')}`
    const isCustom = version.includes('.') && !/^[a-z.]+\.k8s\.io\//.test(version)
    return isCustom && !podless.test(kind) && isSameNamespace(namespaceOf(each), namespaceOf(object))
  })
  const own = namespaceOf(object)
  const isAlone =
    own !== undefined && context.objects.every((each) => each === object || namespaceOf(each) !== own)
  return isOperated || isAlone ? { severity: 'advice' } : {}
}

const isKind = ({ manifest }: LintObject, kind: string): boolean => textAt(manifest, 'kind') === kind

const beside = (object: LintObject, context: LintContext): readonly Workload[] =>
  allWorkloads(context).filter(({ namespace }) => isSameNamespace(namespace, namespaceOf(object)))

const labelText = (labels: unknown): string =>
  Object.entries(textsOf(labels))
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')

/** Labels of the pods that come nearest to a selector, as a hint. */
function nearestLabels(wanted: unknown, workloads: readonly Workload[]): string {
  const keys = Object.entries(textsOf(wanted))
  const shared = ({ labels }: Workload) =>
    keys.filter(([name, value]) => labels[name] === value).length * 2 +
    keys.filter(([name]) => labels[name] !== undefined).length
  const best = workloads.toSorted((a, b) => shared(b) - shared(a))[0]
  return best === undefined ? '' : `pods of ${titled(best)} have { ${labelText(best.labels)} }`
}

const serviceOfNothing: FactualRule = {
  id: 'service_selects_nothing',
  severity: 'harmful',
  what: 'a Service whose selector matches no pods of the set',
  why: 'It has no endpoints: each request is refused, and nothing reports a fault.',
  *find(object, context) {
    if (!isKind(object, 'Service')) return
    const selector = fieldsAt(object.manifest, 'spec', 'selector')
    const workloads = beside(object, context)
    if (Object.keys(selector).length === 0 || workloads.length === 0) return
    if (workloads.some(({ labels }) => isSelected(labels, { matchLabels: selector }))) return
    yield {
      path: ['spec', 'selector'],
      reason: `no pods have { ${labelText(selector)} }; ${nearestLabels(selector, workloads)}`,
      fix: `selector: { ${labelText(Object.fromEntries(Object.entries(workloads.toSorted((a, b) => a.name.length - b.name.length)[0]!.labels).slice(0, 3)))} }, labels that the pods have`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const servicePortOfNothing: FactualRule = {
  id: 'service_port_missing',
  severity: 'harmful',
  what: 'a port of a Service that its pods do not have',
  why: 'A name that no container has gives no endpoint; a number that nobody listens on refuses connections.',
  *find(object, context) {
    if (!isKind(object, 'Service')) return
    const matchLabels = fieldsAt(object.manifest, 'spec', 'selector')
    if (Object.keys(matchLabels).length === 0) return
    const pods = beside(object, context).filter(({ labels }) => isSelected(labels, { matchLabels }))
    const ports = pods.flatMap(({ containers }) =>
      containers.flatMap(({ fields }) => listAt(fields, 'ports')),
    )
    if (pods.length === 0) return
    for (const [at, port] of listAt(object.manifest, 'spec', 'ports').entries()) {
      const wanted = valueAt(port, 'targetPort') ?? valueAt(port, 'port')
      const isNamed = typeof wanted === 'string' && !/^\d+$/.test(wanted)
      const isThere = ports.some((each) =>
        isNamed
          ? valueAt(each, 'name') === wanted
          : String(valueAt(each, 'containerPort')) === String(wanted),
      )
      if (isThere || (!isNamed && ports.length === 0)) continue
      const known = ports.map((each) => textAt(each, 'name') ?? String(valueAt(each, 'containerPort')))
      yield {
        path: ['spec', 'ports', at, valueAt(port, 'targetPort') === undefined ? 'port' : 'targetPort'],
        reason: `${titled(pods[0]!)} has no port ${String(wanted)}${known.length > 0 ? `; it has ${known.join(', ')}` : ''}`,
        fix:
          known.length > 0
            ? `targetPort: ${known[0]}`
            : `ports: [{ name: ${String(wanted)}, containerPort: 8080 }] in the container`,
        ...(isNamed ? {} : { severity: 'advice' as const }),
      }
    }
  },
}

const ingressOfNothing: FactualRule = {
  id: 'ingress_backend_missing',
  severity: 'harmful',
  what: 'an Ingress to a Service, or a port of it, that is not there',
  why: 'Each request to the host is answered with 503. A Service of another name may be elsewhere: then it is advice.',
  *find(object, context) {
    if (!isKind(object, 'Ingress')) return
    const { manifest } = object
    const paths = listAt(manifest, 'spec', 'rules').flatMap((rule, at) =>
      listAt(rule, 'http', 'paths').map((_, index) => [
        'spec',
        'rules',
        at,
        'http',
        'paths',
        index,
        'backend',
        'service',
      ]),
    )
    const services = ofKind(context, 'Service').filter((each) =>
      isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    for (const path of [['spec', 'defaultBackend', 'service'], ...paths]) {
      const name = textAt(manifest, ...path, 'name')
      if (name === undefined) continue
      const service = services.find((each) => nameOf(each) === name)
      if (service === undefined) {
        const near = nearest(name, services.map(nameOf))
        if (services.length === 0) continue
        yield {
          path: [...path, 'name'],
          reason: `there is no Service ${name} here${near === undefined ? '' : `; did you mean ${near}?`}`,
          fix: `service: { name: ${near ?? nameOf(services[0]!)}, port: { number: ${numberAt(services[0]!.manifest, 'spec', 'ports', 0, 'port') ?? 80} } }`,
          ...(near === undefined ? { severity: 'advice' as const } : {}),
        }
        continue
      }
      const { number, name: portName } = fieldsAt(manifest, ...path, 'port')
      const ports = listAt(service.manifest, 'spec', 'ports')
      if (
        ports.some((each) =>
          number === undefined ? valueAt(each, 'name') === portName : valueAt(each, 'port') === number,
        )
      )
        continue
      yield {
        path: [...path, 'port'],
        reason: `Service ${name} has no port ${String(number ?? portName)}; it has ${ports.map((each) => `${textAt(each, 'name') ?? 'unnamed'} ${String(valueAt(each, 'port'))}`).join(', ')}`,
        fix: `port: { number: ${String(valueAt(ports[0], 'port'))} }`,
      }
    }
  },
}

const monitorOfNothing: FactualRule = {
  id: 'monitor_selects_nothing',
  severity: 'harmful',
  what: 'a ServiceMonitor or PodMonitor that finds nothing, or a port that is not there',
  why: 'Nothing is scraped, alerts have no data and never fire.',
  *find(object, context) {
    const isService = isKind(object, 'ServiceMonitor')
    if (!isService && !isKind(object, 'PodMonitor')) return
    const { manifest } = object
    const selector = valueAt(manifest, 'spec', 'selector')
    const everywhere = valueAt(manifest, 'spec', 'namespaceSelector', 'any') === true
    const named = wordsOf(valueAt(manifest, 'spec', 'namespaceSelector', 'matchNames'))
    const isInReach = (namespace: string | undefined) =>
      everywhere ||
      (named.length > 0
        ? namespace === undefined || named.includes(namespace)
        : isSameNamespace(namespace, namespaceOf(object)))
    const all = isService
      ? ofKind(context, 'Service').map((each) => ({
          title: `Service ${nameOf(each)}`,
          labels: textsOf(valueAt(each.manifest, 'metadata', 'labels')),
          ports: listAt(each.manifest, 'spec', 'ports'),
          namespace: namespaceOf(each),
        }))
      : allWorkloads(context).map((each) => ({
          title: titled(each),
          labels: each.labels,
          ports: each.containers.flatMap(({ fields }) => listAt(fields, 'ports')),
          namespace: each.namespace,
        }))
    const reached = all.filter(({ namespace }) => isInReach(namespace))
    if (all.length === 0) return
    const chosen = (each: { labels: Readonly<Record<string, string>> }): boolean =>
      isSelected(each.labels, selector)
    const found = reached.filter(chosen)
    const outside = all.find(chosen)
    if (found.length === 0 && outside !== undefined)
      yield {
        path: ['spec', 'namespaceSelector'],
        reason: `${outside.title} has the labels and is in the namespace ${outside.namespace}, where it does not look`,
        fix: `namespaceSelector: { matchNames: [${outside.namespace}] }`,
      }
    // In a namespace of which nothing is here, it may well find something.
    if (found.length === 0 && outside === undefined && reached.length > 0) {
      const { title, labels } = reached[0]!
      yield {
        path: ['spec', 'selector'],
        reason: `no ${isService ? 'Service has' : 'pods have'} the labels { ${labelText(valueAt(selector, 'matchLabels'))} }; ${title} has { ${labelText(labels)} }`,
        fix: `selector: { matchLabels: { ${labelText(labels)} } }${Object.keys(labels).length === 0 ? `, and the same metadata.labels in ${title}` : ''}`,
        ...mayBeElsewhere(object, context),
      }
    }
    if (found.length === 0) return
    const list = isService ? 'endpoints' : 'podMetricsEndpoints'
    for (const [at, endpoint] of listAt(manifest, 'spec', list).entries()) {
      const port = textAt(endpoint, 'port')
      if (
        port === undefined ||
        found.some(({ ports }) => ports.some((each) => valueAt(each, 'name') === port))
      )
        continue
      const names = found.flatMap(({ ports }) =>
        ports.map((each) => textAt(each, 'name') ?? 'one without a name'),
      )
      yield {
        path: ['spec', list, at, 'port'],
        reason: `${found[0]!.title} has no port called ${port}; it has ${names.join(', ') || 'none'}`,
        fix: `port: ${names.find((name) => !name.includes(' ')) ?? port}${names.some((name) => !name.includes(' ')) ? '' : `, and name: ${port} at the port of ${found[0]!.title}`}`,
      }
    }
  },
}

const policyOfNothing: FactualRule = {
  id: 'policy_selects_nothing',
  severity: 'harmful',
  what: 'a NetworkPolicy that selects no pods of the set',
  why: 'It protects nothing, and looks as if it did.',
  *find(object, context) {
    if (!isKind(object, 'NetworkPolicy')) return
    const selector = valueAt(object.manifest, 'spec', 'podSelector')
    const workloads = beside(object, context)
    if (workloads.length === 0 || workloads.some(({ labels }) => isSelected(labels, selector))) return
    const wanted = valueAt(selector, 'matchLabels')
    yield {
      path: ['spec', 'podSelector'],
      reason: `no pods have { ${labelText(wanted)} }; ${nearestLabels(wanted, workloads)}`,
      fix: 'podSelector: { matchLabels: ... } with labels that the pods have',
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
    const covered = beside(object, context).filter(({ labels }) => isSelected(labels, selector))
    const policies = ofKind(context, 'NetworkPolicy').filter((each) =>
      isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    const isHelped = (other: LintObject) => {
      const theirs = valueAt(other.manifest, 'spec', 'podSelector')
      const isWhole =
        Object.keys(fieldsAt(theirs, 'matchLabels')).length + listAt(theirs, 'matchExpressions').length === 0
      return (
        allowsDns(other) &&
        (isWhole || (covered.length > 0 && covered.every(({ labels }) => isSelected(labels, theirs))))
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

export const networkRules: readonly FactualRule[] = [
  serviceOfNothing,
  servicePortOfNothing,
  ingressOfNothing,
  monitorOfNothing,
  policyOfNothing,
  egressWithoutDns,
]
