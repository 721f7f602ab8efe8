/** Rules for ConfigMaps and Secrets: keys, sizes, required keys of secret types. Values are never repeated. */

import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { configKey } from './formats.ts'
import { short } from './metadata.ts'
import { type Fields, fieldsIn, textOf } from './place.ts'

const limit = 1024 * 1024

function* keys(data: Fields, path: Path): Issues {
  for (const key of Object.keys(data)) {
    const wrong = configKey(key)
    if (wrong !== undefined)
      yield rejected(
        'bad_key',
        [...path, key],
        `the key ${JSON.stringify(short(key))} ${wrong}`,
        'Use a key such as config.json; for subfolders set items[].path.',
      )
  }
}

const bytesOf = (value: unknown, isBase64: boolean): number =>
  typeof value !== 'string' ? 0 : isBase64 ? Math.floor((value.length * 3) / 4) : Buffer.byteLength(value)

function* size(bytes: number, kind: string): Issues {
  if (bytes > limit)
    yield rejected(
      'object_too_large',
      ['data'],
      `the data have ${(bytes / limit).toFixed(1)} MiB, and the limit of a ${kind} is 1 MiB`,
      'Split it, or keep the data in a volume.',
    )
}

const configMap: Check = function* ({ value }) {
  const data = fieldsIn(value.data)
  const binary = fieldsIn(value.binaryData)
  yield* keys(data, ['data'])
  yield* keys(binary, ['binaryData'])
  for (const key of Object.keys(binary))
    if (Object.hasOwn(data, key))
      yield rejected('bad_key', ['binaryData', key], `${key} is also in data`, 'Delete one of them.')
  let bytes = 0
  for (const [key, one] of Object.entries(data)) bytes += key.length + bytesOf(one, false)
  for (const [key, one] of Object.entries(binary)) bytes += key.length + bytesOf(one, true)
  yield* size(bytes, 'ConfigMap')
}

/** What a secret of a type must hold: all of a list, or one of it. */
const needed: Readonly<Record<string, readonly [keys: readonly string[], how: 'all' | 'any']>> = {
  'kubernetes.io/basic-auth': [['username', 'password'], 'any'],
  'kubernetes.io/dockercfg': [['.dockercfg'], 'all'],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson'], 'all'],
  'kubernetes.io/ssh-auth': [['ssh-privatekey'], 'all'],
  'kubernetes.io/tls': [['tls.crt', 'tls.key'], 'all'],
}

const secret: Check = function* ({ value }) {
  const data = fieldsIn(value.data)
  const plain = fieldsIn(value.stringData)
  yield* keys(data, ['data'])
  yield* keys(plain, ['stringData'])
  let bytes = 0
  for (const [key, one] of Object.entries(data)) if (!Object.hasOwn(plain, key)) bytes += bytesOf(one, true)
  for (const one of Object.values(plain)) bytes += bytesOf(one, false)
  yield* size(bytes, 'Secret')
  const type = textOf(value.type) ?? 'Opaque'
  const [wanted, how] = Object.hasOwn(needed, type) ? needed[type]! : [[], 'all' as const]
  const missing = wanted.filter((key) => !Object.hasOwn(data, key) && !Object.hasOwn(plain, key))
  if (how === 'any' ? missing.length === wanted.length && wanted.length > 0 : missing.length > 0)
    yield rejected(
      'bad_secret',
      ['type'],
      `a secret of type ${type} needs ${wanted.join(how === 'any' ? ' or ' : ' and ')}`,
      `Add ${missing.join(', ')}.`,
    )
  else yield* dockerConfig(type, data, plain)
  const annotations = fieldsIn(fieldsIn(value.metadata).annotations)
  if (type === 'kubernetes.io/service-account-token' && !annotations['kubernetes.io/service-account.name'])
    yield rejected(
      'bad_secret',
      ['metadata', 'annotations'],
      'a token needs the annotation kubernetes.io/service-account.name',
      'Add it.',
    )
}

function* dockerConfig(type: string, data: Fields, plain: Fields): Issues {
  const key = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson'
  if (!type.startsWith('kubernetes.io/dockerc')) return
  const said = plain[key] ?? data[key]
  if (typeof said !== 'string') return
  try {
    JSON.parse(Object.hasOwn(plain, key) ? said : Buffer.from(said, 'base64').toString('utf8'))
  } catch {
    yield rejected(
      'bad_secret',
      [Object.hasOwn(plain, key) ? 'stringData' : 'data', key],
      `${key} is not valid JSON`,
      'Create it with kubectl create secret docker-registry.',
    )
  }
}

export const configDataRule: LintRule = ruleOf({ V1ConfigMap: configMap, V1Secret: secret })
