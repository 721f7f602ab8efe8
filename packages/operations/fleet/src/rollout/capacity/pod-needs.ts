/** A pod's requests, as the scheduler counts them. */

import { readQuantity } from '../../quantity.ts'
import {
  type Container,
  type KubeWorkload,
  type PodSpec,
  podTemplatesOf,
  type ResourceAmounts,
} from '../kube-objects.ts'

/** By resource: cores, bytes, pieces. `pods` is 1. */
export type Amounts = ReadonlyMap<string, number>

/**
 * Containers and sidecars run together; each init container runs alongside the sidecars that were started before it, and what the
 * largest of them needs counts when it is more. A limit without a request is a request.
 */
export function podNeeds(spec: PodSpec): Amounts {
  const running = new Map<string, number>()
  const starting = new Map<string, number>()
  for (const container of spec.initContainers ?? []) {
    const needs = requestsOf(container)
    if (container.restartPolicy === 'Always') {
      add(running, needs)
      raise(starting, running)
    } else raise(starting, sum(running, needs))
  }
  for (const container of spec.containers ?? []) add(running, requestsOf(container))
  raise(running, starting)
  add(running, amountsOf(spec.overhead))
  running.set('pods', 1)
  return running
}

export function amountsOf(given: ResourceAmounts | undefined): Amounts {
  return new Map(
    Object.entries(given ?? {}).flatMap(([resource, amount]) => {
      const read = readQuantity(amount)
      return read === undefined ? [] : [[resource, read] as const]
    }),
  )
}

/** GPUs and slices of them (`nvidia.com/mig-1g.10gb`), of whatever maker. */
export const isGpuResource = (resource: string): boolean =>
  /^(nvidia\.com\/(gpu(\.shared)?|mig-.+)|amd\.com\/gpu|gpu\.intel\.com\/.+|habana\.ai\/gaudi)$/.test(
    resource,
  )

/** GPUs of all kinds together. */
export function gpusIn(amounts: Amounts): number {
  let gpus = 0
  for (const [resource, amount] of amounts) if (isGpuResource(resource)) gpus += amount
  return gpus
}

/**
 * GPUs of one replica, with all of its pods.
 *
 * @internal
 */
export const amountOfGpus = (workload: KubeWorkload): number =>
  podTemplatesOf(workload).reduce((sum, { spec = {} }) => sum + gpusIn(podNeeds(spec)), 0)

function requestsOf({ resources }: Container): Amounts {
  return new Map([...amountsOf(resources?.limits), ...amountsOf(resources?.requests)])
}

function sum(left: Amounts, right: Amounts): Amounts {
  const both = new Map(left)
  add(both, right)
  return both
}

function add(to: Map<string, number>, more: Amounts): void {
  for (const [resource, amount] of more) to.set(resource, (to.get(resource) ?? 0) + amount)
}

function raise(to: Map<string, number>, least: Amounts): void {
  for (const [resource, amount] of least) to.set(resource, Math.max(to.get(resource) ?? 0, amount))
}
