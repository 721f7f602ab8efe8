/** Finds PromQL in manifests: the operator's rules, rule files and dashboards in ConfigMaps, KEDA triggers. */

import type { LintObject } from '@hadal/fleet'
import { parse } from 'yaml'
import {
  type Fields,
  fieldsAt,
  fieldsOf,
  listAt,
  type Path,
  textAt,
  textOf,
  textsOf,
  valueAt,
} from '../read/values.ts'

export interface Expression {
  readonly use: 'alert' | 'record' | 'trigger' | 'panel'
  readonly text: string
  /** As it was before Grafana's variables were filled in. */
  readonly said: string
  readonly path: Path
  /** Position in a text within the manifest: `group slo, alert Slow: `; else empty. */
  readonly where: string
  /** The rule that it is of. */
  readonly rule: Fields
}

/** A text of a ConfigMap that should hold a dashboard or rules and cannot be read. */
export interface BrokenText {
  readonly path: Path
  readonly what: 'dashboard' | 'rules'
  readonly why: string
}

export interface Monitored {
  readonly expressions: readonly Expression[]
  readonly broken: readonly BrokenText[]
}

const known = new WeakMap<LintObject, Monitored>()

export function monitoredBy(object: LintObject): Monitored {
  const before = known.get(object)
  if (before !== undefined) return before
  const read = readMonitored(object)
  known.set(object, read)
  return read
}

/** Larger ones are no rules and no dashboard: a ConfigMap has 1 MiB. */
const maxCharacters = 2 * 1024 * 1024

function readMonitored({ manifest }: LintObject): Monitored {
  switch (textAt(manifest, 'kind')) {
    case 'PrometheusRule':
      return { expressions: [...rulesIn(fieldsAt(manifest, 'spec'), ['spec'], undefined)], broken: [] }
    case 'ScaledObject':
    case 'ScaledJob':
      return { expressions: [...triggersOf(manifest)], broken: [] }
    case 'ConfigMap':
      return inConfigMap(manifest)
    default:
      return { expressions: [], broken: [] }
  }
}

function* rulesIn(file: Fields, path: Path, inText: string | undefined): Generator<Expression> {
  for (const [group, fields] of listAt(file, 'groups').entries())
    for (const [at, rule] of listAt(fields, 'rules').entries()) {
      const expr = valueAt(rule, 'expr')
      // YAML makes numbers of 1 and 0.5; the operator takes them, too.
      const text = typeof expr === 'number' ? String(expr) : textOf(expr)
      if (text === undefined) continue
      const name = textAt(rule, 'alert') ?? textAt(rule, 'record') ?? `rule ${at + 1}`
      yield {
        use: textAt(rule, 'alert') === undefined ? 'record' : 'alert',
        text,
        said: text,
        path: inText === undefined ? [...path, 'groups', group, 'rules', at, 'expr'] : path,
        where: inText === undefined ? '' : `group ${textAt(fields, 'name') ?? group + 1}, ${name}: `,
        rule: fieldsOf(rule),
      }
    }
}

function* triggersOf(manifest: LintObject['manifest']): Generator<Expression> {
  for (const [at, trigger] of listAt(manifest, 'spec', 'triggers').entries()) {
    const text = textAt(trigger, 'metadata', 'query')
    if (textAt(trigger, 'type') !== 'prometheus' || text === undefined) continue
    const path = ['spec', 'triggers', at, 'metadata', 'query']
    yield { use: 'trigger', text, said: text, path, where: '', rule: fieldsOf(trigger) }
  }
}

function inConfigMap(manifest: LintObject['manifest']): Monitored {
  const expressions: Expression[] = []
  const broken: BrokenText[] = []
  const labels = fieldsAt(manifest, 'metadata', 'labels')
  for (const [key, text] of Object.entries(textsOf(manifest.data))) {
    const path = ['data', key]
    if (text.length > maxCharacters) continue
    if (key.endsWith('.json') && (labels.grafana_dashboard !== undefined || /"panels"\s*:/.test(text))) {
      const read = tried(() => JSON.parse(text) as unknown)
      if ('why' in read) broken.push({ path, what: 'dashboard', why: read.why })
      else expressions.push(...panelsIn(read.value, path))
    } else if (/\.(ya?ml|rules)$/.test(key) && /^groups:/m.test(text)) {
      const read = tried(() => parse(text, { maxAliasCount: 100 }) as unknown)
      if ('why' in read) broken.push({ path, what: 'rules', why: read.why })
      else expressions.push(...rulesIn(fieldsOf(read.value), path, key))
    }
  }
  return { expressions, broken }
}

function tried(read: () => unknown): { value: unknown } | { why: string } {
  try {
    return { value: read() }
  } catch (error) {
    return { why: (error instanceof Error ? error.message : String(error)).split('\n')[0]! }
  }
}

function* panelsIn(dashboard: unknown, path: Path, depth = 0): Generator<Expression> {
  if (depth > 10) return
  for (const panel of listAt(dashboard, 'panels')) {
    const title = textAt(panel, 'title') ?? 'untitled'
    const source = textAt(panel, 'datasource', 'type') ?? 'prometheus'
    for (const target of listAt(panel, 'targets')) {
      const said = textAt(target, 'expr')
      if (
        said === undefined ||
        said === '' ||
        (textAt(target, 'datasource', 'type') ?? source) !== 'prometheus'
      )
        continue
      const where = `panel ${JSON.stringify(title)}: `
      yield { use: 'panel', text: withoutVariables(said), said, path, where, rule: {} }
    }
    yield* panelsIn(panel, path, depth + 1)
  }
}

/** Grafana fills in variables before Prometheus reads the text: here durations become 5m, all others a name. */
export function withoutVariables(text: string): string {
  return text
    .replace(/\$\{?__(?:rate_interval|interval|range|range_s|interval_ms)\}?(?:ms|s)?/g, '5m')
    .replace(/(\[|offset\s+)(?:\$\{?\w+(?::\w+)?\}?|\[\[\w+\]\])/g, '$15m')
    .replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]/g, (_, a, b, c) =>
      /^\d/.test(a ?? b ?? c) ? `$${b}` : `v_${a ?? b ?? c}`,
    )
}
