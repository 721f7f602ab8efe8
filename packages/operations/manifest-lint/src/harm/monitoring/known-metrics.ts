/** Metric names by family: ours completely, those of engines and of the DCGM exporter as of one version. */

import { nearest } from '@hadal/base'
import {
  dcgmMetrics,
  type KnownMetric,
  ourMetrics,
  type PinnedMetrics,
  sglangMetrics,
  vllmMetrics,
} from '@hadal/fleet'

interface Family {
  readonly names: RegExp
  readonly from: string
  readonly series: ReadonlySet<string>
  /** Which others may be there: none, those that resemble none of these (of another version), or all (that are turned on). */
  readonly others: 'none' | 'unlike' | 'all'
}

const seriesOf = ({ name, kind }: KnownMetric): readonly string[] =>
  kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]

const pinned = (
  names: RegExp,
  { from, version, metrics }: PinnedMetrics,
  others: Family['others'],
): Family => ({
  names,
  from: `${from} ${version}`,
  series: new Set([...metrics, ...ourMetrics].flatMap(seriesOf)),
  others,
})

const families: readonly Family[] = [
  { names: /^hadal_/, from: 'Hadal', series: new Set(ourMetrics.flatMap(seriesOf)), others: 'none' },
  pinned(/^vllm:/, vllmMetrics, 'unlike'),
  pinned(/^sglang:/, sglangMetrics, 'unlike'),
  pinned(/^DCGM_FI_/, dcgmMetrics, 'all'),
]

export interface UnknownName {
  /** Expected exporter. */
  readonly from: string
  readonly nearest: string | undefined
  /** Whether it may be there all the same. */
  readonly isOpen: boolean
}

/** Checks a name whose metric family is known; undefined if it is exported or cannot be known. */
export function unknownName(name: string): UnknownName | undefined {
  const family = families.find(({ names }) => names.test(name))
  if (family === undefined || family.series.has(name)) return undefined
  const alike = [...family.series].filter((each) => family.names.test(each))
  const near = nearest(name, alike)
  const isOpen = family.others === 'all' || (family.others === 'unlike' && near === undefined)
  return { from: family.from, nearest: near, isOpen }
}

const all: readonly KnownMetric[] = [
  ...ourMetrics,
  ...[vllmMetrics, sglangMetrics, dcgmMetrics].flatMap(({ metrics }) => metrics),
]
const ofKind = (...kinds: readonly KnownMetric['kind'][]): readonly string[] =>
  all.filter(({ kind }) => kinds.includes(kind)).flatMap(seriesOf)

const counters: ReadonlySet<string> = new Set(ofKind('counter', 'histogram'))
const gauges: ReadonlySet<string> = new Set(ofKind('gauge').filter((name) => !counters.has(name)))

export const isKnownGauge = (name: string): boolean => gauges.has(name)
export const isKnownCounter = (name: string): boolean => counters.has(name)
