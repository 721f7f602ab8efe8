/**
 * A response token by token, with probabilities and alternatives by hover, touch or arrow keys. Uses a single listener, and renders each
 * slice once.
 */

import { type KeyboardEvent, memo, type ReactNode, useId, useMemo, useRef, useState } from 'react'
import { formatCount, formatPercent, Switch } from '../../../../design/index.ts'
import { defineMessages, useMessages } from '../../../../messages/use-messages.ts'
import { createStore, type Store, useStore } from '../../../../store.ts'
import type { Token } from '../../conversation.ts'
import { visibleText } from '../markdown/safe-link.ts'
import { doubtOf, tokenSummary } from './token-cells.ts'
import { TokenDetail } from './token-detail.tsx'
import { type TokenSlice, TokenSlicer } from './token-slicer.ts'
import './tokens.css'

const words = defineMessages({
  en: {
    label: 'Tokens of the response. Use the arrow keys to move between them.',
    tint: 'Highlight unlikely tokens',
    legend: ['likely', 'below 60 %', 'below 30 %', 'below 10 %'].join('|'),
    summary: (count: string, mean: string, perplexity: string) =>
      `${count} tokens, mean probability ${mean}, perplexity ${perplexity}`,
  },
  zh: {
    label: '回答的 token。用方向键逐个查看。',
    tint: '标出低概率 token',
    legend: ['高概率', '低于 60 %', '低于 30 %', '低于 10 %'].join('|'),
    summary: (count: string, mean: string, perplexity: string) =>
      `${count} 个 token，平均概率 ${mean}，困惑度 ${perplexity}`,
  },
})

const isTinted: Store<boolean> = createStore(true)

export function TokenText({ tokens }: { readonly tokens: readonly Token[] }): ReactNode {
  const say = useMessages(words)
  const tints = useStore(isTinted)
  const [selected, setSelected] = useState<number>()
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const slicer = useRef<TokenSlicer>(undefined)
  slicer.current ??= new TokenSlicer()
  const current = slicer.current
  const { cells, slices } = useMemo(() => current.update(tokens), [current, tokens])
  const summary = useMemo(() => tokenSummary(tokens), [tokens])
  const cell = selected === undefined ? undefined : cells[selected]
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 } as Record<string, number>
    const step = steps[event.key]
    const target =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? cells.length - 1
          : step === undefined
            ? undefined
            : (selected ?? (step > 0 ? -1 : cells.length)) + step
    if (event.key === 'Escape' && selected !== undefined) {
      event.stopPropagation()
      setSelected(undefined)
    } else if (target !== undefined) {
      event.preventDefault()
      const next = Math.min(cells.length - 1, Math.max(0, target))
      setSelected(next)
      box.current?.querySelector(`[data-cell="${next}"]`)?.scrollIntoView({ block: 'nearest' })
    }
  }
  const select = (target: EventTarget): void => {
    const at = (target as Element).closest?.('[data-cell]')?.getAttribute('data-cell')
    if (at !== null && at !== undefined) setSelected(Number(at))
  }
  return (
    <div className="tk">
      <div className="tk-bar">
        <Switch label={say.tint} isOn={tints} onChange={(isOn) => isTinted.set(isOn)} />
        {tints && (
          <ul className="tk-legend">
            {say.legend.split('|').map((text, doubt) => (
              <li key={text}>
                <span className={`tk-${doubt}`}>{text}</span>
              </li>
            ))}
          </ul>
        )}
        {summary !== undefined && (
          <p className="tk-summary">
            {say.summary(
              formatCount(summary.count),
              formatPercent(summary.mean),
              formatCount(summary.perplexity),
            )}
          </p>
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form */}
      <div
        ref={box}
        className={tints ? 'tk-text' : 'tk-text tk-plain'}
        role="group"
        aria-label={say.label}
        aria-describedby={`${id}-detail`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its tokens are read by the arrow keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerOver={({ target, pointerType }) => pointerType === 'mouse' && select(target)}
        onPointerLeave={({ pointerType }) => pointerType === 'mouse' && setSelected(undefined)}
        onClick={({ target }) => select(target)}
        onBlur={() => setSelected(undefined)}
      >
        {slices.map((slice, index) => (
          <Slice
            // biome-ignore lint/suspicious/noArrayIndexKey: slices but the last never change
            key={index}
            slice={slice}
            selected={isWithin(slice, selected) ? selected : undefined}
          />
        ))}
      </div>
      <div id={`${id}-detail`} className="tk-place" aria-live="polite">
        {cell !== undefined && selected !== undefined && (
          <TokenDetail tokens={tokens.slice(cell.first, cell.first + cell.count)} place={cell.first} />
        )}
      </div>
    </div>
  )
}

const isWithin = ({ from, cells }: TokenSlice, at: number | undefined): boolean =>
  at !== undefined && at >= from && at < from + cells.length

interface SliceProps {
  readonly slice: TokenSlice
  readonly selected: number | undefined
}

const Slice = memo(function Slice({ slice, selected }: SliceProps): ReactNode {
  return (
    <span className="tk-slice">
      {slice.cells.map(({ text, logprob, first }, index) => (
        <span
          key={first}
          data-cell={slice.from + index}
          className={`tk-${doubtOf(logprob)}${slice.from + index === selected ? ' tk-selected' : ''}`}
        >
          {visibleText(text)}
        </span>
      ))}
    </span>
  )
})
