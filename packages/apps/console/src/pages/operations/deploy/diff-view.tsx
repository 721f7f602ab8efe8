/** Differences between the config and an overlay, the folder rendered last, or the cluster. */

import type { DeployAnswer, DeployDiffAnswer } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Button,
  Card,
  CodeBlock,
  EmptyState,
  ErrorState,
  Segmented,
  Select,
  Skeleton,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import type { DeployPartProps } from './deploy-part-props.ts'
import { deployWords } from './deploy-words.ts'
import { FileDiffs, ObjectDiffs } from './diff-lines.tsx'

const againsts = ['overlay', 'rendered', 'cluster'] as const
type Against = (typeof againsts)[number]

export function DiffView({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  const { query } = useRoute()
  const against = againsts.find((each) => each === query.get('against')) ?? usualOf(deployment)
  const others = othersOf(deployment)
  const other = others.find((each) => each === query.get('with')) ?? others[0] ?? ''
  const show = (next: Against, of: string): void =>
    go('operations', ['deploy', 'diff'], {
      ...(deployment.overlay !== undefined && { overlay: deployment.overlay }),
      against: next,
      ...(next === 'overlay' && { with: of }),
    })
  const names: Readonly<Record<Against, string>> = {
    overlay: say.againstOverlay,
    rendered: say.againstRendered,
    cluster: say.againstCluster,
  }
  return (
    <Card>
      <div className="row">
        <Segmented
          label={say.against}
          value={against}
          options={againsts.map((value) => ({ value, label: names[value] }))}
          onChange={(next) => show(next, other)}
        />
        {against === 'overlay' && others.length > 0 && (
          <Select
            label={say.which}
            isLabelHidden
            value={other}
            options={others.map((value) => ({ value, label: value === '' ? say.everywhere : value }))}
            onChange={(next) => show('overlay', next)}
          />
        )}
      </div>
      <Compared key={`${deployment.overlay} ${against} ${other}`} {...{ deployment, against, other }} />
    </Card>
  )
}

/** The empty name is what holds everywhere. */
const othersOf = ({ overlay, overlays }: DeployAnswer): readonly string[] => [
  ...(overlay === undefined ? [] : ['']),
  ...overlays.filter((each) => each !== overlay),
]

const usualOf = ({ overlays, renderedFolder }: DeployAnswer): Against =>
  overlays.length > 0 ? 'overlay' : renderedFolder !== undefined ? 'rendered' : 'cluster'

interface ComparedProps extends DeployPartProps {
  readonly against: Against
  readonly other: string
}

const overlayExample = "deploy: { overlays: { staging: { namespace: 'staging', autoscaler: 'none' } } }"

function Compared({ deployment, against, other }: ComparedProps): ReactNode {
  const say = useMessages(deployWords)
  const [mayAsk, setMayAsk] = useState(against !== 'cluster')
  const { overlay, overlays, renderedFolder, hasCluster } = deployment
  const isThere =
    against === 'overlay'
      ? overlays.length > 0
      : against === 'rendered'
        ? renderedFolder !== undefined
        : hasCluster
  const requested = new URLSearchParams({
    against,
    ...(overlay !== undefined && { overlay }),
    ...(against === 'overlay' && other !== '' && { with: other }),
  })
  const { data, error, isLoading, refresh } = usePolled<DeployDiffAnswer>(
    isThere && mayAsk ? `/hadal/deploy/diff?${requested}` : undefined,
  )
  if (!isThere) {
    if (against === 'overlay')
      return (
        <EmptyState title={say.noOverlays} icon="branch">
          <CodeBlock code={overlayExample} language="ts" />
        </EmptyState>
      )
    if (against === 'rendered')
      return (
        <EmptyState title={say.noRendered} icon="file">
          <CodeBlock code="hadal deploy render" language="sh" />
        </EmptyState>
      )
    return (
      <EmptyState title={say.noCluster} icon="server">
        <CodeBlock code="KUBECONFIG=~/.kube/config hadal serve" language="sh" />
      </EmptyState>
    )
  }
  if (!mayAsk)
    return (
      <EmptyState
        title={say.clusterLead}
        icon="server"
        action={
          <Button kind="primary" onPress={() => setMayAsk(true)}>
            {say.ask}
          </Button>
        }
      />
    )
  const names: Readonly<Record<Against, string>> = {
    overlay: other === '' ? say.everywhere : other,
    rendered: say.renderedName(renderedFolder ?? ''),
    cluster: say.clusterName,
  }
  return (
    <div className="ops-stack">
      {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && <Skeleton lines={12} />}
      {data?.kind === 'files' && <FileDiffs diff={data} other={names[against]} />}
      {data?.kind === 'objects' && <ObjectDiffs diff={data} other={names[against]} />}
    </div>
  )
}
