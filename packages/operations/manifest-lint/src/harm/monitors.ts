/** Rules for ServiceMonitors and PodMonitors that match no target. */

import { promqlMillis } from '@hadal/fleet'
import type { FactualRule } from '../rule-facts.ts'
import { isKind, labelsShown, mayBeElsewhere } from './read/selection.ts'
import { listAt, textAt, textsOf, valueAt, wordsOf } from './read/values.ts'
import {
  allWorkloads,
  isSameNamespace,
  isSelected,
  nameOf,
  namespaceOf,
  ofKind,
  selectsPods,
  titled,
} from './read/workload.ts'

const monitorOfNothing: FactualRule = {
  id: 'monitor_selects_nothing',
  severity: 'harmful',
  what: 'a ServiceMonitor or PodMonitor that selects nothing, or a missing port',
  why: 'Nothing is scraped; alerts have no data and never fire.',
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
          isChosen: isSelected(textsOf(valueAt(each.manifest, 'metadata', 'labels')), selector),
        }))
      : allWorkloads(context).map((each) => ({
          title: titled(each),
          labels: each.labels,
          ports: each.containers.flatMap(({ fields }) => listAt(fields, 'ports')),
          namespace: each.namespace,
          isChosen: selectsPods(selector, each),
        }))
    const reached = all.filter(({ namespace }) => isInReach(namespace))
    if (all.length === 0) return
    const found = reached.filter(({ isChosen }) => isChosen)
    const outside = all.find(({ isChosen }) => isChosen)
    if (found.length === 0 && outside !== undefined)
      yield {
        path: ['spec', 'namespaceSelector'],
        reason: `${outside.title} has the labels but is in the namespace ${outside.namespace}, which the monitor does not select`,
        fix: `namespaceSelector: { matchNames: [${outside.namespace}] }`,
      }
    // In a namespace of which nothing is here, it may well find something.
    if (found.length === 0 && outside === undefined && reached.length > 0) {
      const { title, labels } = reached[0]!
      yield {
        path: ['spec', 'selector'],
        reason: `no ${isService ? 'Service has' : 'pods have'} the labels ${labelsShown(valueAt(selector, 'matchLabels'))}; ${title} has ${labelsShown(labels)}`,
        fix:
          Object.keys(labels).length > 0
            ? `selector: { matchLabels: ${labelsShown(labels)} }`
            : `metadata: { labels: ${labelsShown(valueAt(selector, 'matchLabels'))} } in ${title}`,
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
      const names = [
        ...new Set(
          found.flatMap(({ ports }) => ports.map((each) => textAt(each, 'name') ?? 'an unnamed port')),
        ),
      ]
      yield {
        path: ['spec', list, at, 'port'],
        reason: `${found[0]!.title} has no port called ${port}; it has ${names.join(', ') || 'none'}`,
        fix: `port: ${names.find((name) => !name.includes(' ')) ?? port}${names.some((name) => !name.includes(' ')) ? '' : `, and name: ${port} at the port of ${found[0]!.title}`}`,
      }
    }
  },
}

const lateTimeout: FactualRule = {
  id: 'scrape_timeout_above_interval',
  severity: 'harmful',
  what: 'a scrape timeout longer than its interval',
  why: 'The Prometheus operator drops the whole monitor from the configuration: nothing is scraped.',
  *find(object) {
    const list = isKind(object, 'ServiceMonitor')
      ? 'endpoints'
      : isKind(object, 'PodMonitor')
        ? 'podMetricsEndpoints'
        : undefined
    if (list === undefined) return
    for (const [at, endpoint] of listAt(object.manifest, 'spec', list).entries()) {
      const interval = textAt(endpoint, 'interval')
      const timeout = textAt(endpoint, 'scrapeTimeout')
      const most = promqlMillis(interval ?? '')
      const given = promqlMillis(timeout ?? '')
      if (most === undefined || given === undefined || given <= most) continue
      yield {
        path: ['spec', list, at, 'scrapeTimeout'],
        reason: `scrapeTimeout ${timeout} is longer than interval ${interval}`,
        fix: `scrapeTimeout: ${interval}, or less`,
      }
    }
  },
}

export const monitorRules: readonly FactualRule[] = [monitorOfNothing, lateTimeout]
