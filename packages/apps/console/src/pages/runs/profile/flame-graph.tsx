/** A timeline of recorded steps to move in: by pointer, by keyboard, by searching for a name. */

import type { RunTrace } from '@hadal/protocol'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Button, formatPercent, TextField, theme } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { runWords } from '../words.ts'
import { drawFlame, rowHeight } from './draw-flame.ts'
import {
  type Direction,
  layoutOf,
  matchesOf,
  moved,
  neighbour,
  spanAt,
  spanOf,
  type View,
  viewOf,
  wholeView,
  zoomed,
} from './flame-layout.ts'
import { formatMicros } from './format-micros.ts'

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

export function FlameGraph({ trace }: { readonly trace: RunTrace }): ReactNode {
  const say = useMessages(runWords)
  const whole = useMemo(() => wholeView(trace), [trace])
  const layout = useMemo(() => layoutOf(trace), [trace])
  const [view, setView] = useState<View>(whole)
  const [selected, setSelected] = useState<number>()
  const [hovered, setHovered] = useState<number>()
  const [wanted, setWanted] = useState('')
  const matches = useMemo(() => matchesOf(trace, wanted), [trace, wanted])
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<{ x: number; view: View; hasMoved: boolean }>(undefined)
  const width = useWidth(canvas)
  const shown = useStore(theme)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (canvas.current !== null && width > 0)
      drawFlame(canvas.current, { trace, layout, view, width, selected, matches })
  }, [trace, layout, view, width, selected, matches, shown])
  useWheelZoom(canvas, (factor, share) =>
    setView((now) => zoomed(now, factor, now.from + share * (now.to - now.from), whole)),
  )

  const timeAt = (x: number): number => view.from + (x / Math.max(1, width)) * (view.to - view.from)
  const hit = (event: PointerEvent): number | undefined => {
    const box = event.currentTarget.getBoundingClientRect()
    const row = Math.floor((event.clientY - box.top) / rowHeight)
    return spanAt(
      trace,
      layout,
      row,
      timeAt(event.clientX - box.left),
      (2 * (view.to - view.from)) / Math.max(1, width),
    )
  }
  const choose = (index: number | undefined): void => {
    setSelected(index)
    if (index === undefined) return
    const { start, length } = spanOf(trace, index)
    if (start + length < view.from || start > view.to) setView(viewOf(spanOf(trace, index), whole))
  }
  const zoom = (factor: number): void => setView(zoomed(view, factor, (view.from + view.to) / 2, whole))

  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = directions[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (direction !== undefined && event.shiftKey)
      choose(selected === undefined ? 0 : (neighbour(trace, selected, direction) ?? selected))
    else if (direction === 'left' || direction === 'right')
      setView(moved(view, ((view.to - view.from) / 8) * (direction === 'left' ? -1 : 1), whole))
    else if (direction === 'up' || event.key === '+') zoom(0.7)
    else if (direction === 'down' || event.key === '-') zoom(1 / 0.7)
    else if (event.key === 'Enter' && selected !== undefined) setView(viewOf(spanOf(trace, selected), whole))
    else if (event.key === 'Escape') {
      setView(whole)
      setSelected(undefined)
    } else return
    event.preventDefault()
  }

  return (
    <div className="runs-panel">
      <div className="runs-tools">
        <Button icon="plus" label={say.zoomIn} onPress={() => zoom(0.5)} />
        <Button icon="minus" label={say.zoomOut} onPress={() => zoom(2)} />
        <Button onPress={() => setView(whole)}>{say.zoomAll}</Button>
        <TextField
          label={say.findSpan}
          isLabelHidden
          type="search"
          placeholder={say.findSpan}
          value={wanted}
          onChange={setWanted}
        />
        {wanted.trim() !== '' && (
          <span className="soft small" role="status">
            {say.found(matches.size)}
          </span>
        )}
      </div>
      <div
        className="runs-flame"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved in by keys
        tabIndex={0}
        role="application"
        aria-label={say.flameLabel}
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            drag.current = { x: event.clientX, view, hasMoved: false }
          }}
          onPointerMove={(event) => {
            const begun = drag.current
            if (begun === undefined) {
              setHovered(hit(event))
              return
            }
            const pixels = event.clientX - begun.x
            if (Math.abs(pixels) > 3) begun.hasMoved = true
            if (begun.hasMoved)
              setView(
                moved(begun.view, (-pixels * (begun.view.to - begun.view.from)) / Math.max(1, width), whole),
              )
          }}
          onPointerUp={(event) => {
            if (drag.current?.hasMoved === false) choose(hit(event))
            drag.current = undefined
          }}
          onPointerLeave={() => setHovered(undefined)}
          onDoubleClick={() => setView(whole)}
        />
      </div>
      <p className="runs-said small" role="status">
        {selected !== undefined && <SpanWords trace={trace} index={selected} />}
        {selected === undefined && hovered === undefined && <span className="faint">{say.flameKeys}</span>}
        {hovered !== undefined && hovered !== selected && (
          <span aria-hidden="true" className="soft">
            {selected !== undefined && ' · '}
            <SpanWords trace={trace} index={hovered} />
          </span>
        )}
      </p>
    </div>
  )
}

function SpanWords({ trace, index }: { readonly trace: RunTrace; readonly index: number }): ReactNode {
  const { name, lane, length } = spanOf(trace, index)
  const share = formatPercent(length / Math.max(1, trace.durationMicros * 10))
  return (
    <>
      <code>{name}</code> {formatMicros(length / 10)}, {share} · {trace.lanes[lane]?.name}
    </>
  )
}

/** CSS pixels that the canvas is wide. */
function useWidth(canvas: { readonly current: HTMLCanvasElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (canvas.current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width))
    observer.observe(canvas.current)
    return () => observer.disconnect()
  }, [canvas])
  return width
}

/** React listens to wheels without a way to stop the page from zooming. */
function useWheelZoom(
  canvas: { readonly current: HTMLCanvasElement | null },
  zoom: (factor: number, share: number) => void,
): void {
  const latest = useRef(zoom)
  latest.current = zoom
  useEffect(() => {
    const element = canvas.current
    const listen = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      latest.current(event.deltaY > 0 ? 1.2 : 1 / 1.2, event.offsetX / Math.max(1, element!.clientWidth))
    }
    element?.addEventListener('wheel', listen, { passive: false })
    return () => element?.removeEventListener('wheel', listen)
  }, [canvas])
}
