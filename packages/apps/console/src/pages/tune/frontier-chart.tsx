/**
 * Every load on every candidate: requests a second against milliseconds, with the SLO and the frontier.
 * A separate SVG; arrow keys move from point to point. Knows nothing of jobs.
 */

import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import { formatCount, formatMillis } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { type Axis, logAxis } from './axes.ts'
import { knobNames, knobText } from './knob-text.ts'
import { tuneWords } from './tune-words.ts'
import { promisedMillis, type ShownPoint, type Tuning } from './tuning.ts'

const height = 320
const margin = { top: 28, right: 20, bottom: 40, left: 64 }

export interface FrontierChartProps {
  readonly tuning: Tuning
  readonly isDone: boolean
}

export function FrontierChart({ tuning, isDone }: FrontierChartProps): ReactNode {
  const say = useMessages(tuneWords)
  const { frontier, chosen, slo } = tuning
  const points = useMemo(() => within(tuning.points), [tuning.points])
  const [frame, width] = useWidth()
  const [at, setAt] = useState<number>()
  const id = useId()
  const promised = promisedMillis(slo)
  const isEmbed = points[0]?.point.ttftMillis === undefined && points.length > 0
  const axes = useMemo(
    () => ({
      x: logAxis(
        points.map(({ requestsPerSecond }) => requestsPerSecond),
        width < 480 ? 4 : 7,
      ),
      y: logAxis([...points.map(({ millis }) => millis), ...(promised === undefined ? [] : [promised])], 6),
    }),
    [points, promised, width],
  )
  const place = useMemo(() => placing(axes.x, axes.y, width), [axes, width])
  // From left to right, so that arrows go as one sees.
  const ordered = useMemo(
    () => [...points].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond),
    [points],
  )
  const shown = at === undefined ? undefined : ordered[at]

  const step = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: (at ?? -1) + 1,
      ArrowLeft: (at ?? ordered.length) - 1,
      Home: 0,
      End: ordered.length - 1,
    }
    const next = moves[event.key]
    if (event.key === 'Escape') setAt(undefined)
    if (next === undefined || ordered.length === 0) return
    event.preventDefault()
    setAt(Math.min(ordered.length - 1, Math.max(0, next)))
  }
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    setAt(nearest(ordered, place, event.clientX - box.left, event.clientY - box.top))
  }
  const line = within(frontier)
    .map((each) => place(each.requestsPerSecond, each.millis).join(','))
    .join(' ')
  return (
    <figure className="tune-chart" ref={frame}>
      <svg
        width={width}
        height={height}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from point to point
        tabIndex={0}
        aria-label={say.chartLabel(formatCount(points.length), formatCount(frontier.length))}
        aria-describedby={id}
        onKeyDown={step}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAt(undefined)}
      >
        <Axes {...axes} width={width} yLabel={isEmbed ? say.yAxisEmbed : say.yAxis} xLabel={say.xAxis} />
        <polyline className="tune-frontier" points={line} />
        <Points points={points} place={place} />
        {chosen?.best !== undefined && (
          <Ring point={points.find((each) => each.point === chosen.best)} place={place} />
        )}
        {promised !== undefined && <PromiseLine millis={promised} y={axes.y} width={width} />}
        {shown !== undefined && <Cross point={shown} place={place} width={width} />}
      </svg>
      <Legend
        hasReal={points.some(({ kind }) => kind === 'real')}
        hasPromise={promised !== undefined}
        isDone={isDone}
      />
      <p id={id} className="tune-readout" aria-live={at === undefined ? 'off' : 'polite'}>
        {shown === undefined ? (
          <span className="faint">
            {say.pointHint}
            {points.length < tuning.points.length &&
              ` ${say.notDrawn(formatCount(tuning.points.length - points.length))}`}
          </span>
        ) : (
          <Readout point={shown} />
        )}
      </p>
    </figure>
  )
}

/** Settings that never meet the SLO have loads near zero; they would compress all others into a corner. */
const widest = 50

function within(points: readonly ShownPoint[]): readonly ShownPoint[] {
  const most = points.reduce((highest, each) => Math.max(highest, each.requestsPerSecond), 0)
  return points.filter(({ requestsPerSecond }) => requestsPerSecond >= most / widest)
}

type Place = (requestsPerSecond: number, millis: number) => readonly [x: number, y: number]

function placing(x: Axis, y: Axis, width: number): Place {
  const across = width - margin.left - margin.right
  const up = height - margin.top - margin.bottom
  return (requests, millis) => [
    Math.round((margin.left + across * x.at(requests)) * 10) / 10,
    Math.round((height - margin.bottom - up * y.at(millis)) * 10) / 10,
  ]
}

/** Within reach of a finger; undefined where none is. */
function nearest(points: readonly ShownPoint[], place: Place, x: number, y: number): number | undefined {
  let [found, least] = [undefined as number | undefined, 32]
  for (const [index, { requestsPerSecond, millis }] of points.entries()) {
    const [px, py] = place(requestsPerSecond, millis)
    const distance = Math.hypot(px - x, py - y)
    if (distance < least) [found, least] = [index, distance]
  }
  return found
}

interface PointsProps {
  readonly points: readonly ShownPoint[]
  readonly place: Place
}

/** There may be thousands: they stay as they are while the pointer moves. */
const Points = memo(function Points({ points, place }: PointsProps): ReactNode {
  return points.map(({ kind, point, requestsPerSecond, millis }, index) => {
    const [x, y] = place(requestsPerSecond, millis)
    const name = `tune-point tune-${kind}${point.isKept ? '' : ' tune-broken'}`
    return kind === 'real' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: points are only added
      <path key={index} className={name} d={`M${x},${y - 7}l7,7l-7,7l-7,-7z`} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: points are only added
      <circle key={index} className={name} cx={x} cy={y} r={point.isKept ? 4 : 3} />
    )
  })
})

function Ring({
  point,
  place,
}: {
  readonly point: ShownPoint | undefined
  readonly place: Place
}): ReactNode {
  if (point === undefined) return null
  const [cx, cy] = place(point.requestsPerSecond, point.millis)
  return <circle className="tune-ring" cx={cx} cy={cy} r={9} />
}

function Cross({
  point,
  place,
  width,
}: {
  readonly point: ShownPoint
  readonly place: Place
  readonly width: number
}): ReactNode {
  const [x, y] = place(point.requestsPerSecond, point.millis)
  return (
    <g className="tune-cross">
      <path d={`M${x},${margin.top}V${height - margin.bottom}M${margin.left},${y}H${width - margin.right}`} />
      <circle cx={x} cy={y} r={6} />
    </g>
  )
}

function PromiseLine({
  millis,
  y,
  width,
}: {
  readonly millis: number
  readonly y: Axis
  readonly width: number
}): ReactNode {
  const say = useMessages(tuneWords)
  const at = height - margin.bottom - (height - margin.top - margin.bottom) * y.at(millis)
  return (
    <g className="tune-promise">
      <path d={`M${margin.left},${at}H${width - margin.right}`} />
      <text x={margin.left + 6} y={at - 6}>
        {say.promiseLine(formatMillis(millis))}
      </text>
    </g>
  )
}

interface AxesProps {
  readonly x: Axis
  readonly y: Axis
  readonly width: number
  readonly xLabel: string
  readonly yLabel: string
}

function Axes({ x, y, width, xLabel, yLabel }: AxesProps): ReactNode {
  const place = placing(x, y, width)
  const bottom = height - margin.bottom
  return (
    <g className="tune-axes">
      {y.ticks.map((tick) => {
        const [, at] = place(x.low, tick)
        return (
          <g key={tick}>
            <path d={`M${margin.left},${at}H${width - margin.right}`} />
            <text x={margin.left - 8} y={at + 4} textAnchor="end">
              {formatMillis(tick)}
            </text>
          </g>
        )
      })}
      {x.ticks.map((tick) => {
        const [at] = place(tick, y.low)
        return (
          <g key={tick}>
            <path d={`M${at},${margin.top}V${bottom}`} />
            <text x={at} y={bottom + 16} textAnchor="middle">
              {formatCount(tick)}
            </text>
          </g>
        )
      })}
      <text x={width - margin.right} y={height - 6} textAnchor="end">
        {xLabel}
      </text>
      <text x={margin.left} y={margin.top - 12}>
        {yLabel}
      </text>
    </g>
  )
}

function Legend({
  hasReal,
  hasPromise,
  isDone,
}: {
  readonly hasReal: boolean
  readonly hasPromise: boolean
  readonly isDone: boolean
}): ReactNode {
  const say = useMessages(tuneWords)
  const rows: readonly (readonly [string, string, ReactNode])[] = [
    ['kept', say.kept, <circle key="" className="tune-point tune-simulated" cx="8" cy="8" r="4" />],
    [
      'broken',
      say.broken,
      <circle key="" className="tune-point tune-simulated tune-broken" cx="8" cy="8" r="3" />,
    ],
    ...(hasReal
      ? ([
          ['real', say.real, <path key="" className="tune-point tune-real" d="M8,2l6,6l-6,6l-6,-6z" />],
          [
            'realBroken',
            say.realBroken,
            <path key="" className="tune-point tune-real tune-broken" d="M8,2l6,6l-6,6l-6,-6z" />,
          ],
        ] as const)
      : []),
    ['frontier', say.frontier, <path key="" className="tune-frontier" d="M1,8H15" />],
    ...(hasPromise
      ? ([['promise', say.promise, <path key="" className="tune-promise-key" d="M1,8H15" />]] as const)
      : []),
    [
      'chosen',
      isDone ? say.chosenPoint : say.bestYet,
      <circle key="" className="tune-ring" cx="8" cy="8" r="6" />,
    ],
  ]
  return (
    <ul className="tune-legend">
      {rows.map(([key, label, drawing]) => (
        <li key={key}>
          <svg width="16" height="16" aria-hidden="true">
            {drawing}
          </svg>
          {label}
        </li>
      ))}
    </ul>
  )
}

function Readout({
  point: { point, requestsPerSecond, millis, kind },
}: {
  readonly point: ShownPoint
}): ReactNode {
  const say = useMessages(tuneWords)
  const how =
    kind === 'real' ? (point.isKept ? say.real : say.realBroken) : point.isKept ? say.kept : say.broken
  return (
    <>
      <strong>{say.perSecond(formatCount(requestsPerSecond))}</strong>, {formatMillis(millis)}, {how}:{' '}
      <span className="soft">
        {knobNames.map((name) => `${say[name]} ${knobText(point.knobs, name)}`).join(', ')}
      </span>
    </>
  )
}

function useWidth(): [frame: React.RefObject<HTMLElement | null>, width: number] {
  const frame = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(640)
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(240, Math.floor(entry.contentRect.width)))
    })
    watch.observe(frame.current!)
    return () => watch.disconnect()
  }, [])
  return [frame, width]
}
