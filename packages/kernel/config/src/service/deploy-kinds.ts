/** Kubernetes values, validated like its API server does: names, labels, quantities, images. */

import { z } from 'zod'
import type { Kind } from '../kinds.ts'
import { asJson } from '../parts.ts'

const textThat = (expected: string, sound: (given: string) => boolean): Kind<string> => ({
  schema: z.string().refine(sound),
  expected,
  read: (given) => given,
})

/** RFC 1035, for names of services; leaves space for suffixes. */
export const dnsName: Kind<string> = textThat(
  'a name of at most 40 small letters, digits and -, that begins with a letter',
  (given) => /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(given),
)

/** RFC 1123, for hosts and most objects. */
export const objectName: Kind<string> = textThat(
  'a name of at most 253 small letters, digits, - and ., as objects of Kubernetes are called',
  isSubdomain,
)

function isSubdomain(given: string): boolean {
  return (
    given.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(given)
  )
}

export const hostName: Kind<string> = textThat('the name of a host such as chat.example.com', isSubdomain)

export const httpUrl: Kind<string> = textThat(
  'a URL such as http://prometheus.monitoring.svc:9090',
  (given) => /^https?:\/\/[^/\s]+(\/\S*)?$/.test(given) && URL.canParse(given),
)

const isLabelName = (given: string): boolean => /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i.test(given)
const isLabelValue = (given: string): boolean => given === '' || isLabelName(given)

function isLabelKey(given: string): boolean {
  const [first, second, ...more] = given.split('/')
  if (more.length > 0) return false
  return second === undefined ? isLabelName(first!) : isSubdomain(first!) && isLabelName(second)
}

export const labelKey: Kind<string> = textThat(
  'the key of a label such as accelerator or nvidia.com/gpu.product',
  isLabelKey,
)

export const labelValues: Kind<readonly string[]> = {
  schema: z.array(z.string().min(1).refine(isLabelValue)).min(1).readonly(),
  expected: 'a list of values of labels, each at most 63 letters, digits, -, _ and ., separated by commas',
  read: (given) => given.split(',').map((item) => item.trim()),
  isList: true,
}

export const labels: Kind<Readonly<Record<string, string>>> = {
  schema: z.record(z.string().refine(isLabelKey), z.string().refine(isLabelValue)),
  expected: 'an object of labels such as { release: "prometheus" }',
  read: asJson,
  show: (given) => JSON.stringify(given),
}

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
}
const quantityPattern = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/

/** The common forms of Kubernetes quantities: `500m`, `4`, `16Gi`. */
export const quantity: Kind<string> = {
  schema: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((given) => quantityPattern.test(given) && quantityValue(given) > 0),
  expected: 'a quantity above 0 such as 500m, 4 or 16Gi',
  read: (given) => given,
}

/**
 * In cores, bytes or other base units; NaN if invalid.
 *
 * @internal
 */
export function quantityValue(given: string): number {
  const [, number, unit = ''] = quantityPattern.exec(given) ?? []
  return number === undefined ? Number.NaN : Number(number) * factors[unit]!
}

/** An immutable reference: a tag other than `latest`, or a digest. */
export const image: Kind<string> = textThat(
  'an image with a tag that stays what it is, such as registry.example.com/hadal:1.2.0, or with its digest; `latest` is another one each day',
  (given) => {
    const [name = '', digest, ...more] = given.split('@')
    if (more.length > 0 || /\s/.test(given)) return false
    if (digest !== undefined) return name !== '' && /^sha256:[0-9a-f]{64}$/.test(digest)
    const tag = /:([\w][\w.-]{0,127})$/.exec(name)?.[1]
    return tag !== undefined && tag !== 'latest' && /^[a-z0-9][\w.:/-]*$/.test(name)
  },
)
