/** The prefix tree: token ranges positioned by their offset in the prompt, below their parent. */

import type { LivePrefix, LivePrefixes } from '@hadal/protocol'
import { type ReactNode, useMemo } from 'react'
import { EmptyState, formatCount, formatMillis } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'

interface Row {
  readonly node: LivePrefix
  readonly level: number
}

export function PrefixTree({ prefixes }: { readonly prefixes: LivePrefixes }): ReactNode {
  const say = useMessages(liveWords)
  const rows = useMemo(() => rowsOf(prefixes.nodes), [prefixes.nodes])
  const deepest = Math.max(1, ...prefixes.nodes.map(({ depth }) => depth))
  if (rows.length === 0)
    return (
      <EmptyState title={say.noPrefixes}>
        <p>{say.noPrefixesWhy}</p>
      </EmptyState>
    )
  return (
    <section className="live-tree-frame" aria-label={say.prefixes}>
      <h3>{say.prefixes}</h3>
      {/* biome-ignore-start lint/a11y: a frame that scrolls is reached by the keyboard */}
      <div className="live-tree" role="region" aria-label={say.prefixes} tabIndex={0}>
        {/* biome-ignore-end lint/a11y: as above */}
        <table aria-label={say.prefixes}>
          <thead>
            <tr>
              <th scope="col">{say.stretch(formatCount(deepest))}</th>
              <th scope="col" className="number">
                {say.tokens}
              </th>
              <th scope="col" className="number">
                {say.readers}
              </th>
              <th scope="col" className="number">
                {say.keptIn}
              </th>
              <th scope="col" className="number">
                {say.heat}
              </th>
              <th scope="col" className="number">
                {say.lastUse}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ node, level }) => (
              <tr key={node.id}>
                <th scope="row" aria-label={say.stretchAt(level + 1, node.depth - node.tokens, node.depth)}>
                  <span className="live-tree-track">
                    <span
                      className={`live-tree-bar ${node.readers > 0 ? 'live-tree-read' : ''}`}
                      style={{
                        left: `${(100 * (node.depth - node.tokens)) / deepest}%`,
                        width: `${Math.max(0.5, (100 * node.tokens) / deepest)}%`,
                      }}
                    />
                  </span>
                  {node.text !== undefined && <span className="live-tree-text">{node.text}</span>}
                  {!node.isCommon && <span className="faint small">{say.own}</span>}
                </th>
                <td className="number">{formatCount(node.tokens)}</td>
                <td className="number">{formatCount(node.readers)}</td>
                <td className="number">{say.keptText(node.kept, node.saved)}</td>
                <td className="number">{formatCount(Math.round(node.heat * 10) / 10)}</td>
                <td className="number">
                  {node.idleMillis === undefined ? '–' : say.ago(formatMillis(round(node.idleMillis)))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {prefixes.leftOut > 0 && (
        <p className="faint small">{say.prefixesLeftOut(formatCount(prefixes.leftOut))}</p>
      )}
    </section>
  )
}

/** Whole seconds: finer ones would only flicker. */
const round = (millis: number): number => Math.max(1000, Math.round(millis / 1000) * 1000)

/** In the order of the tree: each before those that follow it. */
function rowsOf(nodes: readonly LivePrefix[]): Row[] {
  const children = new Map<number | undefined, LivePrefix[]>()
  for (const node of nodes) {
    const siblings = children.get(node.parent)
    if (siblings === undefined) children.set(node.parent, [node])
    else siblings.push(node)
  }
  const rows: Row[] = []
  const walk = (parent: number | undefined, level: number): void => {
    for (const node of children.get(parent) ?? []) {
      rows.push({ node, level })
      walk(node.id, level + 1)
    }
  }
  walk(undefined, 0)
  return rows
}
