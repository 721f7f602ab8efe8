/** KV cache: cell usage, swapped-out data, and the prefix tree. */

import type { LiveCache, LiveEngine } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, EmptyState, formatBytes, formatCount, Meter, Segments } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'
import { PrefixTree } from './prefix-tree.tsx'

export function CacheCard({ engine }: { readonly engine: LiveEngine | undefined }): ReactNode {
  const say = useMessages(liveWords)
  const caches = engine?.caches ?? []
  return (
    <Card title={say.cache} lead={say.cacheWhat}>
      {caches.length === 0 ? (
        <EmptyState title={say.noCache}>
          <p>{say.noCacheWhy}</p>
        </EmptyState>
      ) : (
        caches.map((cache) => <OneCache key={cache.replica ?? 0} cache={cache} />)
      )}
    </Card>
  )
}

function OneCache({ cache }: { readonly cache: LiveCache }): ReactNode {
  const say = useMessages(liveWords)
  const { replica, cells, host, disk, prefixes } = cache
  const text = (count: number): string => {
    const size = cells.bytes === undefined ? '' : ` · ${formatBytes(count * cells.bytes)}`
    return `${formatCount(count)}${size}`
  }
  return (
    <div className="stack">
      {replica !== undefined && <h3>{say.ofReplica(replica)}</h3>}
      <Segments
        label={say.cellsOf(formatCount(cells.total))}
        segments={[
          { label: say.alone, value: cells.atWork - cells.shared, text: text(cells.atWork - cells.shared) },
          { label: say.sharedCells, value: cells.shared, text: text(cells.shared), color: 3 },
          { label: say.kept, value: cells.kept, text: text(cells.kept), color: 5 },
          { label: say.free, value: cells.free, text: text(cells.free), color: 'rest' },
        ]}
      />
      <Meter
        label={say.host}
        value={host.usedBytes}
        max={host.budgetBytes}
        text={say.hostText(
          formatBytes(host.usedBytes),
          formatBytes(host.budgetBytes),
          formatCount(host.states),
          formatCount(host.pinned),
        )}
      />
      {disk !== undefined && (
        <Meter
          label={say.disk}
          value={disk.usedBytes}
          max={disk.budgetBytes}
          text={say.diskText(
            formatBytes(disk.usedBytes),
            formatBytes(disk.budgetBytes),
            formatCount(disk.files),
          )}
        />
      )}
      <PrefixTree prefixes={prefixes} />
    </div>
  )
}
