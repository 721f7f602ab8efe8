/** Rules for requests and limits. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, quantityOf, valueAt } from './read/values.ts'
import { isEngine, workloadsOf } from './read/workload.ts'

const noRequests: FactualRule = {
  id: 'no_requests',
  severity: 'harmful',
  what: 'a container without CPU and memory requests or limits',
  why: 'It is scheduled as if it needed nothing, is throttled by its neighbors, and is killed first when a node runs out of memory.',
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
          fix: 'resources: { requests: { cpu: "4", memory: 16Gi }, limits: { cpu: "8", memory: 32Gi } }, with your own values',
        }
      }
  },
}

const noMemoryLimit: FactualRule = {
  id: 'no_memory_limit',
  severity: 'advice',
  what: 'a container without a memory limit',
  why: 'A leak exhausts the memory of the node, and the kernel kills arbitrary processes.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { name, path, fields } of containers) {
        if (valueAt(fields, 'resources', 'limits', 'memory') !== undefined) continue
        const request = valueAt(fields, 'resources', 'requests', 'memory')
        if (request === undefined && valueAt(fields, 'resources', 'requests', 'cpu') === undefined) continue
        yield {
          path: [...path, 'resources', 'limits'],
          reason: `container ${name} can use all memory of its node`,
          fix: `limits: { memory: ${String(request ?? '32Gi')} }`,
        }
      }
  },
}

const memoryFromLimit: FactualRule = {
  id: 'memory_request_from_limit',
  severity: 'advice',
  what: 'a memory limit without a request',
  why: 'The request defaults to the limit, so nodes are reserved for the worst case.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const { path, fields } of containers) {
        const limit = valueAt(fields, 'resources', 'limits', 'memory')
        if (limit === undefined || valueAt(fields, 'resources', 'requests', 'memory') !== undefined) continue
        yield {
          path: [...path, 'resources', 'limits', 'memory'],
          reason: `memory is limited to ${String(limit)} without a request, so the request is ${String(limit)}`,
          fix: `requests: { memory: ${String(limit)} }, or less if that is typical`,
        }
      }
  },
}

const slowedEngine: FactualRule = {
  id: 'tight_cpu_limit',
  severity: 'advice',
  what: 'an engine limited to one CPU',
  why: 'Tokenization, sampling and HTTP share it: the GPU waits while the container is throttled.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const container of containers) {
        const limit = valueAt(container.fields, 'resources', 'limits', 'cpu')
        if (!isEngine(container) || limit === undefined || (quantityOf(limit) ?? 2) > 1) continue
        yield {
          path: [...container.path, 'resources', 'limits', 'cpu'],
          reason: `container ${container.name} is throttled at ${String(limit)} CPU`,
          fix: 'limits: { cpu: "8" }, or no CPU limit',
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
  what: 'a memory of a few bytes, or thousands of CPUs',
  why: 'The unit is missing or wrong: m means one thousandth, also for memory. The pod is killed at once, or fits on no node.',
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
              reason: `memory ${String(memory)} is ${bytes < 1 ? 'less than a byte' : `${bytes} bytes`}`,
              fix: `memory: ${/^\d+$/.exec(String(memory)) !== null && bytes < 1024 ? `${bytes}Gi` : `${/^\d+/.exec(String(memory))?.[0] ?? 512}Mi`}`,
            }
          if (cpus !== undefined && cpus >= maxCpus)
            yield {
              path: [...path, 'resources', part, 'cpu'],
              reason: `cpu ${String(cpu)} means ${cpus} whole CPUs`,
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
