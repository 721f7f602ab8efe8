/** Issues of a training request that no cluster could run, or that would run badly. Pure. */

import type { Deploy } from '@hadal/config'
import { readQuantity } from '../quantity.ts'

interface Requested {
  readonly name: string
  /** Names of existing objects, by kind. */
  readonly names: Readonly<Record<string, string | undefined>>
  readonly numbers: Readonly<Record<string, number>>
  readonly image: string
  readonly runSize: string
  readonly deploy: Deploy
}

export const trainingIssues = ({ name, names, numbers, image, runSize, deploy }: Requested): string[] => [
  ...nameIssues(name, deploy.name, {
    ...names,
    namespace: deploy.namespace,
    'storage class': deploy.storageClass,
  }),
  ...numberIssues(numbers),
  ...imageIssues(image),
  ...(/^\d+(\.\d+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.test(runSize)
    ? []
    : [`run size: ${JSON.stringify(runSize)} must be a size such as 50Gi`]),
  ...resourceIssues(deploy),
]

const dnsName = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/
const subdomainName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

function nameIssues(
  name: string,
  service: string,
  others: Readonly<Record<string, string | undefined>>,
): string[] {
  const issues = Object.entries(others).flatMap(([what, said]) =>
    said === undefined || subdomainName.test(said)
      ? []
      : [`${what}: ${JSON.stringify(said)} is not a valid Kubernetes object name`],
  )
  if (!dnsName.test(name))
    issues.unshift(
      `name: ${JSON.stringify(name)} must be at most 40 lowercase letters, digits and -, starting with a letter`,
    )
  if (name === service || name.startsWith(`${service}-gateway`) || name.startsWith(`${service}-engine`))
    issues.unshift(`name: ${JSON.stringify(name)} is used by objects of the service`)
  return issues
}

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  nodes: [1, 1000],
  nproc: [1, 64],
  gpus: [0, 64],
  restarts: [0, 1000],
  terminationGraceSeconds: [1, 86_400],
  keepSeconds: [0, 31_536_000],
  metricsPort: [0, 65_535],
}

const numberIssues = (numbers: Readonly<Record<string, number>>): string[] =>
  Object.entries(numbers).flatMap(([what, value]) => {
    const [least, most] = ranges[what]!
    return Number.isInteger(value) && value >= least && value <= most
      ? []
      : [`${what}: ${value} must be a whole number from ${least} to ${most}`]
  })

/** Pods that are started again must compute with the same. */
const imageIssues = (image: string): string[] =>
  /@sha256:[0-9a-f]{64}$/.test(image) || (/:[\w][\w.-]*$/.test(image) && !image.endsWith(':latest'))
    ? []
    : [`image: ${JSON.stringify(image)} has no version; add a tag other than latest, or a digest`]

const resourceIssues = (deploy: Deploy): string[] =>
  (['cpu', 'memory'] as const).flatMap((what) => {
    const [request, limit] = [deploy[`${what}Request`], deploy[`${what}Limit`]]
    return readQuantity(request)! <= readQuantity(limit)!
      ? []
      : [`deploy.${what}Request: ${request} is above deploy.${what}Limit, ${limit}`]
  })
