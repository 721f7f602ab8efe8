/**
 * Streamed Markdown. Finished blocks are parsed and rendered once, the last one again per frame; long existing text is rendered in chunks
 * to keep the page responsive.
 */

import { memo, type ReactNode, startTransition, useEffect, useMemo, useRef, useState } from 'react'
import { defineMessages, useMessages } from '../../../../messages/use-messages.ts'
import { CodeFigure } from './code-figure.tsx'
import { parsePiece } from './parse-piece.ts'
import { type LinkWords, MarkdownTable, renderTree } from './render-tree.tsx'
import { visibleText } from './safe-link.ts'
import { BlockSplitter, type Piece, type TablePiece } from './split-blocks.ts'
import { useSteadyText } from './use-steady-text.ts'
import './markdown.css'

const words = defineMessages({
  en: {
    image: (host: string) => `image at ${host}, not loaded`,
    leadsTo: (host: string) => `leads to ${host}`,
    done: 'Done',
    notDone: 'Not done',
    table: 'Table',
  },
  zh: {
    image: (host: string) => `${host} 上的图片，未加载`,
    leadsTo: (host: string) => `指向 ${host}`,
    done: '已完成',
    notDone: '未完成',
    table: '表格',
  },
})

export interface MarkdownProps {
  readonly text: string
  readonly isStreaming?: boolean
}

/** Shown at once; the pieces behind them follow when the page has time. */
const firstPieces = 8

export const Markdown = memo(function Markdown({ text, isStreaming = false }: MarkdownProps): ReactNode {
  const shown = useSteadyText(text, isStreaming)
  const splitter = useRef<BlockSplitter>(undefined)
  splitter.current ??= new BlockSplitter()
  const current = splitter.current
  const pieces = useMemo(() => current.update(shown), [current, shown])
  const [isWhole, setWhole] = useState(pieces.length <= firstPieces)
  useEffect(() => {
    if (!isWhole) startTransition(() => setWhole(true))
  }, [isWhole])
  const isBusy = isStreaming || shown !== text || !isWhole
  return (
    <div className="md" dir="auto" aria-busy={isBusy || undefined}>
      {(isWhole ? pieces : pieces.slice(0, firstPieces)).map((piece, index, all) => (
        <PieceView
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces but the last never change
          key={index}
          piece={piece}
          // While text comes, an address that is named later would draw again all that is finished.
          addresses={isBusy ? '' : addressesFor(piece, current.definitions)}
          hasMore={all[index + 1]?.kind === 'table' && (all[index + 1] as TablePiece).isRest}
        />
      ))}
    </div>
  )
})

interface PieceProps {
  readonly piece: Piece
  /** Lines that say where its `[references]` lead. */
  readonly addresses: string
  /** The next piece is of the same table. */
  readonly hasMore: boolean
}

const PieceView = memo(
  function PieceView({ piece, addresses, hasMore }: PieceProps): ReactNode {
    const say = useMessages(words)
    if (piece.kind === 'code')
      return <CodeFigure code={piece.text} language={piece.language} isInset={piece.isInset} />
    if (piece.kind === 'plain') return <p className="md-plain">{visibleText(piece.text)}</p>
    if (piece.kind === 'table') return <TableView piece={piece} hasMore={hasMore} say={say} />
    return <Prose text={piece.text} isRest={piece.isRest} addresses={addresses} say={say} />
  },
  (was, is) => was.hasMore === is.hasMore && was.addresses === is.addresses && isSame(was.piece, is.piece),
)

interface ProseProps {
  readonly text: string
  readonly isRest: boolean
  readonly addresses: string
  readonly say: LinkWords
}

function Prose({ text, isRest, addresses, say }: ProseProps): ReactNode {
  const content = useMemo(
    () => renderTree(parsePiece(addresses === '' ? text : `${text}\n\n${addresses}`, isRest), say),
    [text, isRest, addresses, say],
  )
  return isRest ? <div className="md-rest">{content}</div> : content
}

function TableView(props: {
  readonly piece: TablePiece
  readonly hasMore: boolean
  readonly say: LinkWords & { readonly table: string }
}): ReactNode {
  const { piece, hasMore, say } = props
  const root = useMemo(() => parsePiece(piece.head + piece.rows), [piece.head, piece.rows])
  const rows = root.children.filter((node) => node.type === 'table')
  // The head and the dashes do not fit each other: it is no table.
  if (rows.length === 0) return renderTree(root, say)
  const part = piece.isRest ? 'rest' : hasMore ? 'first' : undefined
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form
    <div
      className={part === 'rest' ? 'md-table md-table-rest' : 'md-table'}
      role="group"
      aria-label={say.table}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      tabIndex={0}
    >
      <MarkdownTable rows={rows} words={say} {...(part !== undefined && { part })} />
    </div>
  )
}

function isSame(was: Piece, is: Piece): boolean {
  if (was === is) return true
  const keys = Object.keys(is) as (keyof Piece)[]
  return was.kind === is.kind && keys.every((key) => was[key] === is[key])
}

function addressesFor(piece: Piece, definitions: ReadonlyMap<string, string>): string {
  if (piece.kind !== 'prose' || definitions.size === 0 || !piece.text.includes('[')) return ''
  const used = [...definitions].filter(([label]) => piece.text.includes(`[${label}]`))
  return used.map(([, line]) => line).join('\n')
}
