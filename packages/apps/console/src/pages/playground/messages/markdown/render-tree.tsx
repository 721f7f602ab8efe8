/**
 * Renders a Markdown tree as React elements from an allow-list with fixed attributes. Model output becomes text and, if safe-link.ts
 * permits, a link target; never a name, id, class, style or loaded URL. Images become links.
 */

import { Fragment, type ReactNode } from 'react'
import { CodeFigure } from './code-figure.tsx'
import type { BlockNode, Root } from './parse-piece.ts'
import { namesAnotherHost, safeLink, visibleText } from './safe-link.ts'

/** The words of links, in the page's language. */
export interface LinkWords {
  readonly image: (host: string) => string
  readonly leadsTo: (host: string) => string
  readonly done: string
  readonly notDone: string
}

interface Context {
  readonly words: LinkWords
  readonly addresses: ReadonlyMap<string, string>
}

/** Nested deeper than this, text is all that is left. */
const deepest = 24

export function renderTree(root: Root, words: LinkWords): ReactNode {
  const addresses = new Map<string, string>()
  for (const node of root.children)
    if (node.type === 'definition' && !addresses.has(node.identifier))
      addresses.set(node.identifier, node.url)
  return renderAll(root.children, { words, addresses }, 0)
}

const renderAll = (nodes: readonly BlockNode[], context: Context, depth: number): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: a tree is drawn anew when its text changes
  nodes.map((node, index) => <Fragment key={index}>{render(node, context, depth + 1)}</Fragment>)

function render(node: BlockNode, context: Context, depth: number): ReactNode {
  if (depth > deepest) return wordsOf(node)
  const inner = (): ReactNode =>
    renderAll('children' in node ? (node.children as readonly BlockNode[]) : [], context, depth)
  switch (node.type) {
    case 'text':
      return visibleText(node.value)
    case 'paragraph':
      return <p>{inner()}</p>
    case 'heading': {
      // The page has its own h1 and h2.
      const Tag = (['h3', 'h4', 'h5', 'h6', 'h6', 'h6'] as const)[node.depth - 1] ?? 'h6'
      return <Tag className={`md-h${node.depth}`}>{inner()}</Tag>
    }
    case 'emphasis':
      return <em>{inner()}</em>
    case 'strong':
      return <strong>{inner()}</strong>
    case 'delete':
      return <del>{inner()}</del>
    case 'break':
      return <br />
    case 'thematicBreak':
      return <hr />
    case 'blockquote':
      return <blockquote className="md-quote">{inner()}</blockquote>
    case 'inlineCode': {
      const isMath = (node.data as { isMath?: boolean } | undefined)?.isMath === true
      return <code className={isMath ? 'md-math' : 'md-code'}>{visibleText(node.value)}</code>
    }
    case 'code':
      return <CodeFigure code={node.value} language={(node.lang ?? '').slice(0, 40)} />
    case 'list':
      return node.ordered ? <ol start={node.start ?? 1}>{inner()}</ol> : <ul>{inner()}</ul>
    case 'listItem':
      return <Item node={node} context={context} depth={depth} />
    case 'link':
      return renderLink(node.url, wordsOf(node), inner(), context)
    case 'linkReference': {
      const address = context.addresses.get(node.identifier)
      return address === undefined ? inner() : renderLink(address, wordsOf(node), inner(), context)
    }
    case 'image':
      return renderImage(node.url, node.alt ?? '', context)
    case 'imageReference':
      return renderImage(context.addresses.get(node.identifier) ?? '', node.alt ?? '', context)
    case 'footnoteReference':
      return `[^${node.label ?? node.identifier}]`
    case 'footnoteDefinition':
      return (
        <div className="md-footnote">
          [^{node.label ?? node.identifier}] {inner()}
        </div>
      )
    case 'definition':
      return null
    case 'table':
      return <MarkdownTable rows={[node]} words={context.words} />
    default:
      return wordsOf(node)
  }
}

type ListItem = Extract<BlockNode, { type: 'listItem' }>

/** An item with one paragraph has no paragraph: lists read as lists, however many blank lines a model leaves between. */
function Item({ node, context, depth }: { node: ListItem; context: Context; depth: number }): ReactNode {
  const { checked } = node
  const content = node.children.map((child, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>
      {child.type === 'paragraph' && !node.spread && node.children.length <= 2
        ? renderAll(child.children, context, depth + 1)
        : render(child, context, depth + 1)}
    </Fragment>
  ))
  if (checked === null || checked === undefined) return <li>{content}</li>
  const { done, notDone } = context.words
  return (
    <li className="md-task">
      <input type="checkbox" checked={checked} disabled aria-label={checked ? done : notDone} />
      <div>{content}</div>
    </li>
  )
}

function renderLink(address: string, words: string, inner: ReactNode, context: Context): ReactNode {
  const link = safeLink(address)
  // Show the text and address as written; text alone would lose the address.
  if (link === undefined)
    return words === address ? (
      inner
    ) : (
      <>
        {inner} ({visibleText(address)})
      </>
    )
  return (
    <>
      <a
        className="md-link"
        href={link.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        title={link.href}
      >
        {inner}
      </a>
      {namesAnotherHost(words, link) && (
        <span className="md-host"> ({context.words.leadsTo(link.host)})</span>
      )}
    </>
  )
}

function renderImage(address: string, alt: string, context: Context): ReactNode {
  const link = safeLink(address)
  if (link === undefined) return visibleText(alt === '' ? address : alt)
  return (
    <a
      className="md-image"
      href={link.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      title={link.href}
    >
      {visibleText(alt)} <span className="md-host">{context.words.image(link.host)}</span>
    </a>
  )
}

type Table = Extract<BlockNode, { type: 'table' }>

export interface MarkdownTableProps {
  /** Pieces of one table; each repeats the head as its first row. */
  readonly rows: readonly Table[]
  readonly words: LinkWords
  /** Piece of a split table: only the first shows the head, and all pieces share column widths. */
  readonly part?: 'first' | 'rest'
}

export function MarkdownTable({ rows, words, part }: MarkdownTableProps): ReactNode {
  const [table] = rows
  if (table === undefined) return null
  const [head, ...body] = table.children
  const context: Context = { words, addresses: new Map() }
  const alignOf = (column: number): { textAlign: 'left' | 'right' | 'center' } | undefined => {
    const align = table.align?.[column]
    return align ? { textAlign: align } : undefined
  }
  const cells = (row: Table['children'][number], Tag: 'th' | 'td'): ReactNode =>
    row.children.map((cell, column) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Tag key={column} scope={Tag === 'th' ? 'col' : undefined} style={alignOf(column)}>
        {renderAll(cell.children, context, 4)}
      </Tag>
    ))
  return (
    <table className={part === undefined ? undefined : 'md-even'}>
      {head !== undefined && (
        <thead className={part === 'rest' ? 'md-head-again' : undefined}>
          <tr>{cells(head, 'th')}</tr>
        </thead>
      )}
      <tbody>
        {body.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <tr key={index}>{cells(row, 'td')}</tr>
        ))}
      </tbody>
    </table>
  )
}

/** All text in a node, without markup. Not recursive: a tree may be deep. */
export function wordsOf(node: BlockNode): string {
  const words: string[] = []
  const left: BlockNode[] = [node]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('value' in next) words.push(next.value)
    else if ('alt' in next && next.alt) words.push(next.alt)
    if ('children' in next) left.push(...([...next.children].reverse() as BlockNode[]))
  }
  return visibleText(words.join(''))
}
