/** Rules for Services and Ingresses without a backend. */

import { nearest } from '@hadal/base'
import type { LintObject } from '@hadal/fleet'
import type { FactualRule } from '../rule-facts.ts'
import { beside, isKind, labelsShown, mayBeElsewhere, nearestPods } from './read/selection.ts'
import { fieldsAt, listAt, numberAt, textAt, textsOf, valueAt } from './read/values.ts'
import {
  allWorkloads,
  isEngine,
  isSameNamespace,
  nameOf,
  namespaceOf,
  ofKind,
  selectsPods,
  titled,
  workloadsOf,
} from './read/workload.ts'

const serviceOfNothing: FactualRule = {
  id: 'service_selects_nothing',
  severity: 'harmful',
  what: 'a Service whose selector matches no pods',
  why: 'It has no endpoints: every request is refused, and nothing reports an error.',
  *find(object, context) {
    if (!isKind(object, 'Service')) return
    const selector = fieldsAt(object.manifest, 'spec', 'selector')
    // Non-string values, and pods without labels, are already rejected.
    if (Object.keys(textsOf(selector)).length !== Object.keys(selector).length) return
    const workloads = beside(object, context).filter(({ labels }) => Object.keys(labels).length > 0)
    if (Object.keys(selector).length === 0) return
    if (workloads.some((each) => selectsPods({ matchLabels: selector }, each))) return
    if (workloads.length === 0) {
      const elsewhere = allWorkloads(context).find((each) => selectsPods({ matchLabels: selector }, each))
      if (elsewhere?.namespace === undefined || !['Deployment', 'StatefulSet'].includes(elsewhere.kind))
        return
      yield {
        path: ['metadata', 'namespace'],
        reason: `the pods of ${titled(elsewhere)} are in namespace ${elsewhere.namespace}, but a Service selects only pods of its own namespace (${namespaceOf(object)})`,
        fix: `namespace: ${elsewhere.namespace}`,
      }
      return
    }
    const meant = nearestPods(selector, workloads)!
    yield {
      path: ['spec', 'selector'],
      reason: `no pods have ${labelsShown(selector)}; pods of ${titled(meant)} have ${labelsShown(meant.labels)}`,
      fix: `selector: ${labelsShown(meant.labels)}, or the subset that stays the same across versions`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const servicePortOfNothing: FactualRule = {
  id: 'service_port_missing',
  severity: 'harmful',
  what: 'a Service port that its pods do not have',
  why: 'An unknown port name yields no endpoints; a port number with no listener refuses connections.',
  *find(object, context) {
    if (!isKind(object, 'Service')) return
    const matchLabels = fieldsAt(object.manifest, 'spec', 'selector')
    if (Object.keys(matchLabels).length === 0) return
    const pods = beside(object, context).filter((each) => selectsPods({ matchLabels }, each))
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
      const isRefused = ports.some((each) => Number(valueAt(each, 'containerPort')) > 65535)
      if (isThere || isRefused || (!isNamed && ports.length === 0)) continue
      const known = ports.map((each) => textAt(each, 'name') ?? String(valueAt(each, 'containerPort')))
      yield {
        path: ['spec', 'ports', at, valueAt(port, 'targetPort') === undefined ? 'port' : 'targetPort'],
        reason: `${titled(pods[0]!)} has no port ${String(wanted)}${known.length > 0 ? `; it has ${known.join(', ')}` : ''}`,
        fix:
          known.length > 0
            ? `targetPort: ${known[0]}`
            : `ports: [{ name: ${String(wanted)}, containerPort: 8080 }] in the container`,
        // Programs may listen on ports that they do not declare; engines have one.
        ...(isNamed || pods.every(({ containers }) => containers.every(isEngine))
          ? {}
          : { severity: 'advice' as const }),
      }
    }
  },
}

const ingressOfNothing: FactualRule = {
  id: 'ingress_backend_missing',
  severity: 'harmful',
  what: 'an Ingress to a missing Service or Service port',
  why: 'Requests to the host fail with 503. A missing Service without a similar name may be defined elsewhere; the finding is then advice.',
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
          reason: `Service ${name} does not exist here${near === undefined ? '' : `; did you mean ${near}?`}`,
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

const statefulService: FactualRule = {
  id: 'stateful_service_missing',
  severity: 'harmful',
  what: 'a StatefulSet whose serviceName does not match a Service of its pods',
  why: 'Its pods get no DNS names (POD.SERVICE), so peer discovery by name fails. Without a headless Service for them here, the names may not be needed; the finding is then advice.',
  *find(object, context) {
    if (!isKind(object, 'StatefulSet')) return
    const name = textAt(object.manifest, 'spec', 'serviceName')
    if (name === undefined || name === '') return
    const services = ofKind(context, 'Service').filter((each) =>
      isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    const own = workloadsOf(object)[0]
    const fronts = services.filter(
      ({ manifest }) =>
        own !== undefined &&
        Object.keys(fieldsAt(manifest, 'spec', 'selector')).length > 0 &&
        selectsPods({ matchLabels: valueAt(manifest, 'spec', 'selector') }, own),
    )
    const isHeadless = (each: LintObject): boolean => valueAt(each.manifest, 'spec', 'clusterIP') === 'None'
    const path = ['spec', 'serviceName']
    const meant = fronts.find(isHeadless)
    const found = services.find((each) => nameOf(each) === name)
    if (found === undefined && fronts.length > 0)
      yield {
        path,
        reason: `Service ${name} does not exist here; ${fronts.map(nameOf).join(' and ')} selects these pods`,
        fix:
          meant === undefined
            ? `Add a Service ${name} with clusterIP: None and the same selector`
            : `serviceName: ${nameOf(meant)}`,
        ...(meant === undefined ? { severity: 'advice' as const } : {}),
      }
    if (found !== undefined && !isHeadless(found))
      yield {
        path,
        reason: `Service ${name} has a cluster IP, so its pods get no individual DNS names`,
        fix:
          meant === undefined
            ? `clusterIP: None in Service ${name}, or add a second, headless Service`
            : `serviceName: ${nameOf(meant)}`,
        severity: 'advice',
      }
  },
}

export const serviceRules: readonly FactualRule[] = [
  serviceOfNothing,
  servicePortOfNothing,
  ingressOfNothing,
  statefulService,
]
