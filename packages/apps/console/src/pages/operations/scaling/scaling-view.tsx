/** Replica counts, reasons, and alternatives. */

import type { ScalingAnswer } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import { Button, CodeBlock, EmptyState, ErrorState, Segmented, Skeleton } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { ModelScaling, ScalerLine } from './model-scaling.tsx'
import { ReplayView } from './replay-view.tsx'
import { scalingWords } from './scaling-words.ts'

const parts = ['decisions', 'replay'] as const
const places = ['here', 'cluster'] as const

/** A scaler here runs every 15 s; a cluster is not polled more often than that. */
const hereMillis = 5000
const clusterMillis = 15_000

export function ScalingView(): ReactNode {
  const say = useMessages(scalingWords)
  const { rest, query } = useRoute()
  const part = parts.find((each) => each === rest[1]) ?? 'decisions'
  const place = places.find((each) => each === query.get('from'))
  return (
    <div className="ops-stack">
      <div className="row">
        <Segmented
          label={say.parts}
          value={part}
          options={parts.map((value) => ({ value, label: say[value] }))}
          onChange={(next) => go('operations', ['scaling', next])}
        />
      </div>
      {part === 'replay' ? <ReplayView /> : <Decisions key={place} place={place} />}
    </div>
  )
}

type Place = (typeof places)[number]

function Decisions({ place }: { readonly place: Place | undefined }): ReactNode {
  const say = useMessages(scalingWords)
  const [mayAsk, setMayAsk] = useState(false)
  const isRequested = place !== 'cluster' || mayAsk
  const { data, error, isLoading, refresh } = usePolled<ScalingAnswer>(
    isRequested ? `/hadal/scaling${place === undefined ? '' : `?from=${place}`}` : undefined,
    place === 'cluster' ? clusterMillis : hereMillis,
  )
  const shown: Place = place ?? (data?.source === 'cluster' ? 'cluster' : 'here')
  return (
    <>
      {(data?.hasCluster === true || place === 'cluster') && (
        <div className="row">
          <Segmented
            label={say.from}
            value={shown}
            options={places.map((value) => ({ value, label: say[value] }))}
            onChange={(from) => go('operations', ['scaling', 'decisions'], { from })}
          />
        </div>
      )}
      {!isRequested && (
        <EmptyState
          title={say.askTitle}
          icon="server"
          action={
            <Button kind="primary" onPress={() => setMayAsk(true)}>
              {say.ask}
            </Button>
          }
        >
          <p>{say.askText}</p>
        </EmptyState>
      )}
      {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && isRequested && <Skeleton lines={10} />}
      {data?.source === 'none' && (
        <EmptyState title={say.fixedTitle} icon="columns">
          <p>{say.fixedText}</p>
          <CodeBlock code="hadal serve --replicas auto" language="sh" />
          {!data.hasCluster && <p className="soft small">{say.noClusterText}</p>}
        </EmptyState>
      )}
      {data?.status !== undefined && (
        <>
          <ScalerLine status={data.status} />
          {data.status.models.map((model) => (
            <ModelScaling key={model.model} model={model} sloMillis={data.sloMillis} />
          ))}
          {data.status.models.length === 0 && <p className="soft">{say.noDecisions}</p>}
        </>
      )}
    </>
  )
}
