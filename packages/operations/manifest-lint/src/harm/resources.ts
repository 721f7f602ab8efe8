/** Rules for requests and limits. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, quantityOf, valueAt } from './read/values.ts'
import { isEngine, workloadsOf } from './read/workload.ts'

const noRequests: FactualRule = {
  id: 'no_requests',
  severity: 'harmful',
  what: 'a container that says neither what it needs of CPU and memory nor its most',
  why: 'It is placed as if it needed nothing, is slowed by its neighbours, and is the first to be killed when a node runs out of memory.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { name, path, fields } of containers) {
        const said = {
          ...fieldsAt(fields, 'resources', 'limits'),
          ...fieldsAt(fields, 'resources', 'requests'),
        }
        const lacking = ['cpu', 'memory'].filter((resource) => said[resource] === undefined)
        if (lacking.length < 2) continue
        yield {
          path: [...path, 'resources'],
          reason: `container ${name} requests no CPU and no memory`,
          fix: 'resources: { requests: { cpu: "4", memory: 16Gi }, limits: { cpu: "8", memory: 32Gi } }, with figures of your own',
        }
      }
  },
}

const noMemoryLimit: FactualRule = {
  id: 'no_memory_limit',
  severity: 'advice',
  what: 'a container whose memory has no limit',
  why: 'A leak takes the node’s memory, and the kernel kills whatever it likes.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { name, path, fields } of containers) {
        if (valueAt(fields, 'resources', 'limits', 'memory') !== undefined) continue
        const request = valueAt(fields, 'resources', 'requests', 'memory')
        if (request === undefined && valueAt(fields, 'resources', 'requests', 'cpu') === undefined) continue
        yield {
          path: [...path, 'resources', 'limits'],
          reason: `container ${name} may take all memory of its node`,
          fix: `limits: { memory: ${String(request ?? '32Gi')} }`,
        }
      }
  },
}

const memoryFromLimit: FactualRule = {
  id: 'memory_request_from_limit',
  severity: 'advice',
  what: 'a limit of memory without a request',
  why: 'The request becomes the limit, and nodes are reserved for the worst case.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { path, fields } of containers) {
        const limit = valueAt(fields, 'resources', 'limits', 'memory')
        if (limit === undefined || valueAt(fields, 'resources', 'requests', 'memory') !== undefined) continue
        yield {
          path: [...path, 'resources', 'limits', 'memory'],
          reason: `memory is limited to ${String(limit)} and not requested, so ${String(limit)} are requested`,
          fix: `requests: { memory: ${String(limit)} }, or less where that is usual`,
        }
      }
  },
}

const slowedEngine: FactualRule = {
  id: 'tight_cpu_limit',
  severity: 'advice',
  what: 'an engine that may use one CPU at most',
  why: 'Tokenising, sampling and HTTP share it: the GPU waits while the container is throttled.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const container of containers) {
        const limit = valueAt(container.fields, 'resources', 'limits', 'cpu')
        if (!isEngine(container) || limit === undefined || (quantityOf(limit) ?? 2) > 1) continue
        yield {
          path: [...container.path, 'resources', 'limits', 'cpu'],
          reason: `container ${container.name} is throttled at ${String(limit)} CPU`,
          fix: 'limits: { cpu: "8" }, or no limit of CPU at all',
        }
      }
  },
}

/** Below it no container starts: Docker and containerd refuse less than 6 MB. */
const minMemory = 4 * 2 ** 20
/** No machine has as many CPUs. */
const maxCpus = 1000

const unlikelyAmount: FactualRule = {
  id: 'unlikely_amount',
  severity: 'harmful',
  what: 'memory of a few bytes, or thousands of CPUs',
  why: 'A unit is missing or another was meant: m is a thousandth, of memory too. The pod is killed at once, or fits on no node.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { path, fields } of new Set([...containers, ...initContainers]))
        for (const part of ['requests', 'limits']) {
          const { memory, cpu } = fieldsAt(fields, 'resources', part)
          const bytes = quantityOf(memory)
          const cpus = quantityOf(cpu)
          if (bytes !== undefined && bytes > 0 && bytes < minMemory)
            yield {
              path: [...path, 'resources', part, 'memory'],
              reason: `${String(memory)} of memory is ${bytes < 1 ? 'less than a byte' : `${bytes} bytes`}`,
              fix: `memory: ${/^\d+$/.exec(String(memory)) !== null && bytes < 1024 ? `${bytes}Gi` : `${/^\d+/.exec(String(memory))?.[0] ?? 512}Mi`}`,
            }
          if (cpus !== undefined && cpus >= maxCpus)
            yield {
              path: [...path, 'resources', part, 'cpu'],
              reason: `${String(cpu)} are ${cpus} whole CPUs`,
              fix: `cpu: ${cpus}m`,
            }
        }
  },
}

export const resourceRules: readonly FactualRule[] = [
  noRequests,
  unlikelyAmount,
  noMemoryLimit,
  memoryFromLimit,
  slowedEngine,
]
