/** Numbers one by one: with their units, their last values, their share of a whole. */

import type { ReactNode } from 'react'

type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad'

export interface StatProps {
  readonly label: string
  /** With unit: `12.4 ms`. */
  readonly value: string
  readonly hint?: string | undefined
  readonly tone?: 'plain' | 'good' | 'warn' | 'bad' | undefined
  /** A small curve of its last values. */
  readonly trend?: readonly number[] | undefined
}

/** Several stand in a `<div className="stats">`. */
export function Stat({ label, value, hint, tone = 'plain', trend }: StatProps): ReactNode {
  return (
    <div className={`stat stat-${tone}`}>
      <span className="stat-label">{label}</span>
      <span className="stat-value">{unitApart(value)}</span>
      {hint !== undefined && <span className="stat-hint">{hint}</span>}
      {trend !== undefined && trend.length > 1 && <Sparkline values={trend} />}
    </div>
  )
}

/** The unit smaller than its number: `12.4` `ms`. */
function unitApart(value: string): ReactNode {
  const [, number, unit] = /^(–|[-+]?[\d.,\s]+)\s(\D.*)$/u.exec(value) ?? []
  if (number === undefined || unit === undefined) return value
  return (
    <>
      {number} <small>{unit}</small>
    </>
  )
}

export interface SparklineProps {
  readonly values: readonly number[]
  /** When nothing next to it has its meaning. */
  readonly label?: string | undefined
}

/** As wide as its place; the last value at the right. */
export function Sparkline({ values, label }: SparklineProps): ReactNode {
  const known = values.filter(Number.isFinite)
  if (known.length < 2) return null
  const low = Math.min(...known)
  const high = Math.max(...known)
  const points = known.map((value, at) => {
    const x = (100 * at) / (known.length - 1)
    const y = high === low ? 12 : 22 - (20 * (value - low)) / (high - low)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  return (
    <svg
      className="sparkline"
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <polygon points={`0,24 ${points.join(' ')} 100,24`} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}

export interface MeterProps {
  readonly label: string
  readonly value: number
  readonly max: number
  /** `3.1 of 8 GiB`: next to the label. */
  readonly text?: string | undefined
  readonly tone?: Tone | undefined
  /** The text next to it already names the whole. */
  readonly isLabelHidden?: boolean | undefined
}

/** Used share of a total: a budget, memory, the progress of a job. */
export function Meter({
  label,
  value,
  max,
  text,
  tone = 'accent',
  isLabelHidden = false,
}: MeterProps): ReactNode {
  const share = max > 0 && Number.isFinite(value) ? Math.min(1, Math.max(0, value / max)) : 0
  return (
    <div className="meter">
      <div className={isLabelHidden ? 'visually-hidden' : 'meter-words'}>
        <span>{label}</span>
        {text !== undefined && <span className="number">{text}</span>}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers do not let the element be styled alike */}
      <div
        className={`meter-track meter-${tone}`}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max > 0 ? max : 1}
        aria-valuenow={Number.isFinite(value) ? Math.min(value, max) : 0}
        aria-valuetext={text}
      >
        <span style={{ width: `${100 * share}%` }} />
      </div>
    </div>
  )
}

export interface Segment {
  readonly label: string
  readonly value: number
  /** Formatted value: `1.2 GiB`, `45 ms`. */
  readonly text: string
  /** Chart palette colour, 1 to 6; default: the position of the segment; `rest`: the remainder. */
  readonly color?: 1 | 2 | 3 | 4 | 5 | 6 | 'rest' | undefined
}

export interface SegmentsProps {
  readonly label: string
  readonly segments: readonly Segment[]
}

/** One whole and its parts, with their legend: a memory by what uses it, a request by what its time went into. */
export function Segments({ label, segments }: SegmentsProps): ReactNode {
  const shown = segments.map((segment, at) => ({ color: ((at % 6) + 1) as Segment['color'], ...segment }))
  const whole = shown.reduce((sum, { value }) => sum + Math.max(0, value), 0)
  return (
    <figure className="segments" aria-label={label}>
      <div className="segments-bar" aria-hidden="true">
        {shown.map(({ label: name, value, color, text }) => (
          <span
            key={name}
            className={`series-${color}`}
            title={`${name}: ${text}`}
            style={{ flexGrow: whole > 0 ? Math.max(0, value) / whole : 0 }}
          />
        ))}
      </div>
      <ul className="legend">
        {shown.map(({ label: name, color, text }) => (
          <li key={name}>
            <span className={`swatch series-${color}`} aria-hidden="true" />
            <span>{name}</span>
            <span className="number">{text}</span>
          </li>
        ))}
      </ul>
    </figure>
  )
}

export interface FactsProps {
  readonly facts: readonly { readonly label: string; readonly value: ReactNode }[]
}

/** Label-value pairs: a request's details, a key's limits. */
export function Facts({ facts }: FactsProps): ReactNode {
  return (
    <dl className="facts">
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
