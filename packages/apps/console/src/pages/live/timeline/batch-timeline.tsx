/**
 * The batch timeline: which sequences shared each engine step. Follows the newest step until the user selects one. Also available as text
 * and table.
 */

import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Badge, Button, Card, EmptyState, formatCount, Segmented, theme } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { drawTimeline, heightFor, paletteOf } from './draw-timeline.ts'
import { endOf, firstView, revealing, stepAt, type View, viewOf, zoomed } from './geometry.ts'
import { StepDetails, stepSentence } from './step-details.tsx'
import type { LoggedStep, StepLog } from './step-log.ts'
import { timelineWords } from './timeline-words.ts'

/** Lanes that are shown without scrolling. */
const lanesInSight = 20
const pageSteps = 10

export function BatchTimeline({ log }: { readonly log: StepLog }): ReactNode {
  const say = useMessages(timelineWords)
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [view, setView] = useState<View>(firstView)
  const [selected, setSelected] = useState<number>()
  /** The steps at the time when the user paused the view. */
  const [held, setHeld] = useState<readonly LoggedStep[]>()
  const [width, setWidth] = useState(0)
  const [lanes, setLanes] = useState(4)
  const [hasSteps, setHasSteps] = useState(log.steps.length > 0)
  const shade = useStore(theme)
  const height = heightFor(lanes)
  const steps = held ?? log.steps
  const step = selected === undefined ? undefined : steps.find(({ index }) => index === selected)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the frame is there once there are steps
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [hasSteps])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d') ?? null
    if (element === null || context === null || width === 0) return
    const density = Math.min(3, devicePixelRatio || 1)
    element.width = width * density
    element.height = height * density
    context.scale(density, density)
    const palette = paletteOf(element)
    let frameId = 0
    const draw = (): void => {
      frameId = 0
      drawTimeline(context, { steps: held ?? log.steps, view, selected, width, height }, palette)
    }
    const soon = (): void => {
      if (frameId === 0) frameId = requestAnimationFrame(draw)
    }
    draw()
    const unsubscribe = held === undefined ? log.subscribe(soon) : undefined
    return () => {
      unsubscribe?.()
      cancelAnimationFrame(frameId)
    }
  }, [log, held, view, selected, width, height, shade])

  useEffect(() => {
    const look = (): void => {
      setHasSteps(log.steps.length > 0)
      setLanes((was) => (log.lanes > was ? log.lanes : log.lanes < was / 2 ? Math.max(4, log.lanes) : was))
    }
    look()
    return log.subscribe(look)
  }, [log])

  const hold = (): readonly LoggedStep[] => {
    if (held !== undefined) return held
    const now = [...log.steps]
    setHeld(now)
    return now
  }
  const release = (): void => {
    setHeld(undefined)
    setSelected(undefined)
    setView((was) => ({ ...was, end: undefined }))
  }
  const select = (wanted: LoggedStep | undefined): void => {
    if (wanted === undefined) return
    const all = hold()
    setSelected(wanted.index)
    setView((was) => revealing(was, wanted, all, width))
  }
  const move = (by: number): void => {
    const all = held ?? log.steps
    const at = all.findIndex(({ index }) => index === selected)
    select(all[at < 0 ? all.length - 1 : Math.min(all.length - 1, Math.max(0, at + by))])
  }
  const keyActions = new Map<string, (far: number) => void>([
    ['ArrowLeft', (far) => move(-far)],
    ['ArrowRight', (far) => move(far)],
    ['PageUp', () => move(-pageSteps)],
    ['PageDown', () => move(pageSteps)],
    ['Home', () => select((held ?? log.steps)[0])],
    ['End', () => select((held ?? log.steps).at(-1))],
    ['+', () => setView((was) => zoomed(was, 1.5))],
    ['=', () => setView((was) => zoomed(was, 1.5))],
    ['-', () => setView((was) => zoomed(was, 1 / 1.5))],
    ['Escape', release],
  ])
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = keyActions.get(event.key)
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act(event.shiftKey ? pageSteps : 1)
  }

  const drag = useRef<{ x: number; end: number; hasMoved: boolean }>(undefined)
  const place = (event: PointerEvent): number =>
    event.clientX - (canvas.current?.getBoundingClientRect().left ?? 0)
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { x: event.clientX, end: endOf(view, steps), hasMoved: false }
  }
  const onPointerMove = (event: PointerEvent): void => {
    const from = drag.current
    if (from === undefined || (!from.hasMoved && Math.abs(event.clientX - from.x) < 4)) return
    from.hasMoved = true
    hold()
    setView((was) => ({ ...was, end: from.end - (event.clientX - from.x) / was.scale }))
  }
  const onPointerUp = (event: PointerEvent): void => {
    const from = drag.current
    drag.current = undefined
    if (from !== undefined && !from.hasMoved) select(stepAt(place(event), hold(), view, width))
  }

  const actions = (
    <>
      {held !== undefined && (
        <Button size="small" icon="play" onPress={release}>
          {say.latest}
        </Button>
      )}
      <Button size="small" icon="minus" label={say.zoomOut} onPress={() => setView(zoomed(view, 1 / 1.5))} />
      <Button size="small" icon="plus" label={say.zoomIn} onPress={() => setView(zoomed(view, 1.5))} />
      <Segmented
        label={say.axis}
        value={view.mode}
        options={[
          { value: 'steps', label: say.bySteps },
          { value: 'time', label: say.byTime },
        ]}
        onChange={(mode) => {
          release()
          setView(viewOf(mode))
        }}
      />
    </>
  )

  return (
    <Card title={say.title} lead={say.lead} actions={actions}>
      {!hasSteps ? (
        <EmptyState title={say.empty} icon="pulse">
          <p>{say.emptyWhy}</p>
        </EmptyState>
      ) : (
        <>
          <Legend />
          <div
            ref={frame}
            className="live-timeline"
            style={{ maxHeight: heightFor(lanesInSight) }}
            role="slider"
            tabIndex={0}
            aria-label={say.label}
            aria-orientation="horizontal"
            aria-valuemin={steps[0]?.step ?? 0}
            aria-valuemax={steps.at(-1)?.step ?? 0}
            aria-valuenow={step?.step ?? steps.at(-1)?.step ?? 0}
            aria-valuetext={step === undefined ? say.following : stepSentence(step, say)}
            aria-describedby="live-timeline-keys"
            onKeyDown={onKeyDown}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={() => {
              drag.current = undefined
            }}
          >
            <canvas ref={canvas} style={{ width, height }} />
          </div>
          <p id="live-timeline-keys" className="faint small">
            {say.keys}
            {log.leftOut > 0 && ` ${say.leftOut(formatCount(log.leftOut))}`}
          </p>
          {step !== undefined && <StepDetails step={step} />}
        </>
      )}
    </Card>
  )
}

function Legend(): ReactNode {
  const say = useMessages(timelineWords)
  return (
    <ul className="live-legend">
      <li>
        <span className="live-key live-key-prefill" aria-hidden="true" />
        {say.prefill}
      </li>
      <li>
        <span className="live-key live-key-decode" aria-hidden="true" />
        {say.decode}
      </li>
      <li>
        <span className="live-key live-key-draft" aria-hidden="true" />
        {say.draft}
      </li>
      <li>
        <span className="live-key live-key-shared" aria-hidden="true" />
        {say.sharedPrefix}
      </li>
      <li>
        <span className="live-key live-key-aside" aria-hidden="true" />
        {say.preempted}
      </li>
      <li className="spacer" />
      <li>
        <Badge>{say.tokensAbove}</Badge>
      </li>
    </ul>
  )
}
