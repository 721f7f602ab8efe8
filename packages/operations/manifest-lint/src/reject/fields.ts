/** Validates fields against the schema tables: unknown ones, wrong types, missing ones, values outside of an enumeration. */

import { isPlainObject, nearest } from '@hadal/base'
import { type Issue, type Path, pathText, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type FieldSchema, fieldsOf, kindSchema, type ValueSchema } from '../schemas/schema-table.ts'
import { rejected } from './check.ts'
import { meantQuantity } from './meant-quantity.ts'
import { type Fields, isSaid } from './place.ts'

export const fieldsRule: LintRule = ({ manifest }) => {
  const schema = kindSchema(manifest.apiVersion, manifest.kind)
  if (schema === undefined) return []
  const issues: Issue[] = []
  const isBuiltIn = schema.isBuiltIn
  objectIssues(schema.type, manifest, [], [])
  return issues

  function objectIssues(type: string, value: Fields, path: Path, above: readonly string[]): void {
    const fields = fieldsOf(type)
    for (const [name, one] of Object.entries(value)) {
      const field = fields.get(name)
      if (field === undefined) issues.push(unknownField(name, path, fields, [type, ...above]))
      else if (one !== null) valueIssues(field.type, one, [...path, name], [type, ...above])
    }
    for (const field of fields.values())
      if (field.isRequired && !isThere(field, value, isBuiltIn)) issues.push(missing(field, path))
  }

  function valueIssues(schema: ValueSchema, value: unknown, path: Path, above: readonly string[]): void {
    if (schema.is === 'object') {
      if (isPlainObject(value)) objectIssues(schema.type, value, path, above)
      else issues.push(wrongType(path, 'an object', value))
    } else if (schema.is === 'list') {
      if (!Array.isArray(value)) issues.push(wrongType(path, 'a list', value))
      else
        value.forEach((item, index) => {
          // A null item becomes an empty object, which then lacks its required fields.
          const isEmptyObject = item === null && schema.of.is === 'object'
          if (isEmptyObject) valueIssues(schema.of, {}, [...path, index], above)
          else if (item !== null) valueIssues(schema.of, item, [...path, index], above)
        })
    } else if (schema.is === 'map') {
      if (!isPlainObject(value)) issues.push(wrongType(path, 'a map', value))
      else
        for (const [key, one] of Object.entries(value))
          if (one !== null) valueIssues(schema.of, one, [...path, key], above)
    } else {
      const issue = scalarIssue(schema, value, path)
      if (issue !== undefined) issues.push(issue)
    }
  }
}

function isThere(field: FieldSchema, value: Fields, isBuiltIn: boolean): boolean {
  const one = Object.hasOwn(value, field.name) ? value[field.name] : undefined
  // Go has no difference between no text and an empty one; custom resource definitions have.
  return isBuiltIn || one === null ? isSaid(one) : one !== undefined
}

function missing(field: FieldSchema, path: Path): Issue {
  return rejected(
    'missing_field',
    path,
    `the field ${field.name} is required`,
    `Add ${field.name}, ${typeWords(field.type)}.`,
  )
}

/** Common fields of other kinds or older versions, and their replacements here. */
const renamed: Readonly<Record<string, string>> = {
  'V1CronJobSpec.template': 'It belongs under jobTemplate.spec.',
  'V1DaemonSetSpec.strategy': 'Use updateStrategy.',
  'V1HorizontalPodAutoscalerSpec.behavior': 'Use apiVersion: autoscaling/v2.',
  'V1HorizontalPodAutoscalerSpec.metrics': 'Use apiVersion: autoscaling/v2.',
  'V1StatefulSetSpec.strategy': 'Use updateStrategy.',
  'V1IngressBackend.serviceName': 'Use service: {name: ..., port: {number: ...}}.',
  'V1IngressBackend.servicePort': 'Use service: {name: ..., port: {number: ...}}.',
  'V1ServiceSpec.matchLabels': 'The selector of a Service is a plain map of labels.',
  'V2HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage':
    'Use metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}].',
  'V2ResourceMetricSource.targetAverageUtilization':
    'Use target: {type: Utilization, averageUtilization: 70}.',
  'V2ResourceMetricSource.targetAverageValue': 'Use target: {type: AverageValue, averageValue: ...}.',
  'keda.v1alpha1.ScaledObjectSpec.maxReplicas': 'Use maxReplicaCount.',
  'keda.v1alpha1.ScaledObjectSpec.minReplicas': 'Use minReplicaCount.',
  'keda.v1alpha1.ScaleTarget.deploymentName': 'Use name.',
  'monitoring.Rule.description': 'It belongs under annotations.',
  'monitoring.Rule.severity': 'It belongs under labels.',
  'monitoring.Rule.summary': 'It belongs under annotations.',
}

function unknownField(
  name: string,
  path: Path,
  fields: ReadonlyMap<string, FieldSchema>,
  above: readonly string[],
): Issue {
  const place = path.length === 0 ? 'the top level' : pathText(path.slice(-2))
  const meant = nearest(name, fields.keys())
  const steps = above.slice(1).findIndex((type) => fieldsOf(type).has(name))
  const below = [...fields.values()].find(({ type }) => type.is === 'object' && fieldsOf(type.type).has(name))
  const known = renamed[`${above[0]}.${name}`]
  const isCaseOnly = meant?.toLowerCase() === name.toLowerCase()
  let fix = 'Delete it, or move it to where it belongs.'
  if (isCaseOnly) fix = `Use ${meant}.`
  else if (known !== undefined) fix = known
  else if (steps >= 0) fix = `It belongs ${steps + 1} level${steps > 0 ? 's' : ''} up: indent it less.`
  else if (above[0] === 'V1ObjectMeta' && above.length > 1 && specHas(above[1]!, name))
    fix = 'It belongs under spec.'
  else if (below !== undefined) fix = `It belongs under ${below.name}.`
  else if (meant !== undefined) fix = `Did you mean ${meant}?`
  return rejected(
    'unknown_field',
    [...path, name],
    `unknown field ${name} in ${place}; strict validation rejects it`,
    fix,
  )
}

/** Whether the spec alongside metadata has the field. */
function specHas(type: string, name: string): boolean {
  const spec = fieldsOf(type).get('spec')?.type
  return spec?.is === 'object' && fieldsOf(spec.type).has(name)
}

/** Values that must be text are not repeated: they may be secrets. */
function notText(path: Path, value: unknown): Issue {
  if (typeof value === 'object')
    return rejected(
      'wrong_type',
      path,
      `the value must be a string, and is ${described(value)}`,
      'Use a string.',
    )
  const why =
    typeof value === 'boolean'
      ? 'true or false: YAML also parses on, off, yes, no, y and n as booleans'
      : 'a number: YAML also parses versions such as 1.10 as numbers'
  return rejected('wrong_type', path, `the value must be a string, and is ${why}`, 'Put it in quotes.')
}

function wrongType(path: Path, wanted: string, value: unknown): Issue {
  let fix = `Use ${wanted}.`
  if (wanted === 'a list' && typeof value === 'object') fix = 'Use a list: each item starts with a dash.'
  else if (/number/.test(wanted) && typeof value === 'string' && /^-?\d+$/.test(value))
    fix = `Remove the quotes: ${value}.`
  else if (typeof value === 'string' && /^\$\{?\w+\}?$/.test(value))
    fix = 'Substitute the variable first: envsubst < FILE | hadal deploy lint -'
  else if (wanted.startsWith('true') && typeof value === 'string') fix = 'Use true or false without quotes.'
  return rejected('wrong_type', path, `the value must be ${wanted}, and is ${described(value)}`, fix)
}

function scalarIssue(schema: ValueSchema, value: unknown, path: Path): Issue | undefined {
  switch (schema.is) {
    case 'string':
      return typeof value === 'string' ? undefined : notText(path, value)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(path, 'true or false', value)
    case 'number':
      return typeof value === 'number' ? undefined : wrongType(path, 'a number', value)
    case 'int32':
      return isInteger(value, 2 ** 31) ? undefined : wrongType(path, 'a 32-bit integer', value)
    case 'int64':
      return isInteger(value, 2 ** 63) ? undefined : wrongType(path, 'a whole number', value)
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 2 ** 31)
        ? undefined
        : wrongType(path, 'an integer or a string', value)
    case 'time':
      return typeof value === 'string' && isTime(value)
        ? undefined
        : wrongType(path, 'a time such as 2026-01-31T12:00:00Z', value)
    case 'base64':
      return typeof value === 'string' ? base64Issue(value, path) : notText(path, value)
    case 'quantity':
      return quantityOf(value) === undefined
        ? rejected(
            'bad_quantity',
            path,
            `${JSON.stringify(value)} is not a valid quantity`,
            meantQuantity(value),
          )
        : undefined
    case 'oneOf':
      return oneOfIssue(schema.values, value, path)
    default:
      return undefined
  }
}

function base64Issue(value: string, path: Path): Issue | undefined {
  const bare = value.replace(/[\r\n]/g, '')
  const isBase64 = bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare)
  return isBase64
    ? undefined
    : rejected(
        'bad_base64',
        path,
        'the value must be base64',
        'Encode it (printf %s VALUE | base64), or move the plain text to stringData.',
      )
}

function oneOfIssue(values: readonly string[], value: unknown, path: Path): Issue | undefined {
  if (typeof value !== 'string') return notText(path, value)
  // An empty text is filled in with the default.
  if (value === '' || values.includes(value)) return undefined
  const meant = nearest(value, values)
  return rejected(
    'bad_value',
    path,
    `the value must be one of ${values.filter((one) => one !== '').join(', ')}, and is ${JSON.stringify(value)}`,
    meant === undefined ? 'Use one of the allowed values.' : `Did you mean ${meant}?`,
  )
}

const isInteger = (value: unknown, limit: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit

/** RFC 3339, as Go reads it. */
const isTime = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value))

function described(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`
  return typeof value === 'boolean' ? String(value) : `the number ${String(value)}`
}

function typeWords(schema: ValueSchema): string {
  if (schema.is === 'list') return 'a list'
  if (schema.is === 'object' || schema.is === 'map') return 'an object'
  if (schema.is === 'oneOf') return `one of ${schema.values.join(', ')}`
  if (schema.is === 'int32' || schema.is === 'int64' || schema.is === 'number') return 'a number'
  return schema.is === 'boolean' ? 'true or false' : 'text'
}
