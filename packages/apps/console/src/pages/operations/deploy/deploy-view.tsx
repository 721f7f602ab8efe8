/** A config's cluster deployment, base or overlay: files, choices, differences and lint findings. */

import type { DeployAnswer } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Button,
  ErrorState,
  formatCount,
  Notice,
  Segmented,
  Select,
  Skeleton,
  Stat,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { InlineCode } from '../inline-code.tsx'
import { ChoicesView } from './choices-view.tsx'
import type { DeployPartProps } from './deploy-part-props.ts'
import { deployWords } from './deploy-words.ts'
import { DiffView } from './diff-view.tsx'
import { FilesView } from './files-view.tsx'
import { LintView } from './lint-view.tsx'

const parts = ['manifests', 'choices', 'diff', 'lint'] as const
type Part = (typeof parts)[number]

const views: Readonly<Record<Part, (props: DeployPartProps) => ReactNode>> = {
  manifests: FilesView,
  choices: ChoicesView,
  diff: DiffView,
  lint: LintView,
}

export function DeployView(): ReactNode {
  const say = useMessages(deployWords)
  const { rest, query } = useRoute()
  const overlay = query.get('overlay') ?? ''
  const part = parts.find((each) => each === rest[1]) ?? 'manifests'
  const { data, error, isLoading, refresh } = usePolled<DeployAnswer>(
    `/hadal/deploy${overlay === '' ? '' : `?overlay=${encodeURIComponent(overlay)}`}`,
  )
  const show = (next: Part, of: string): void =>
    go('operations', ['deploy', next], of === '' ? {} : { overlay: of })
  const View = views[part]
  return (
    <div className="ops-stack">
      {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && <Skeleton lines={10} />}
      {data !== undefined && (
        <>
          {data.config === undefined && (
            <Notice tone="warn">
              <InlineCode text={say.noConfig} /> {say.noConfigAction}
            </Notice>
          )}
          <Figures deployment={data} />
          <div className="row">
            <Segmented
              label={say.parts}
              value={part}
              options={parts.map((value) => ({ value, label: say[value] }))}
              onChange={(next) => show(next, overlay)}
            />
            <span className="spacer" />
            {(data.overlays.length > 0 || overlay !== '') && (
              <Select
                label={say.overlay}
                isLabelHidden
                value={overlay}
                options={[
                  { value: '', label: say.everywhere },
                  ...data.overlays.map((value) => ({ value, label: value })),
                ]}
                onChange={(next) => show(part, next)}
              />
            )}
            <Button icon="refresh" onPress={refresh} label={say.refresh} />
          </div>
          <View deployment={data} />
        </>
      )}
    </div>
  )
}

function Figures({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  const { name, namespace, files, lint, config } = deployment
  const count = lint.findings.length
  const isRefused = lint.findings.some(({ severity }) => severity === 'rejected')
  return (
    <div className="stats">
      <Stat label={say.name} value={name} hint={config === undefined ? undefined : say.from(config)} />
      <Stat label={say.namespace} value={namespace} />
      <Stat label={say.files} value={formatCount(files.length)} />
      <Stat label={say.objects} value={formatCount(lint.objects)} />
      <Stat
        label={say.findings}
        value={count === 0 ? say.noFindings : formatCount(count)}
        tone={isRefused ? 'bad' : count === 0 ? 'good' : 'plain'}
      />
    </div>
  )
}
