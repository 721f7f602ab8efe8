/** What a run is: its facts, and its configuration as it was carried out. */

import type { RunDetail } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, CodeBlock, EmptyState, Facts, formatCount } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { formatLarge } from './format-figure.ts'
import { runWords } from './words.ts'

export function RunConfig({ run }: { readonly run: RunDetail }): ReactNode {
  const say = useMessages(runWords)
  const { config, fingerprint, folder, parameters, activatedParameters, flopsPerToken, ranks, starts } = run
  const facts = [
    { label: say.folder, value: <code className="runs-break">{folder}</code> },
    { label: say.parameters, value: formatLarge(parameters) },
    ...(activatedParameters === parameters
      ? []
      : [{ label: say.activated, value: formatLarge(activatedParameters) }]),
    {
      label: say.flops(run.unit ?? 'tokens'),
      value: flopsPerToken === undefined ? '–' : `${formatLarge(flopsPerToken)}FLOP`,
    },
    { label: say.ranks, value: formatCount(ranks) },
    { label: say.starts, value: formatCount(starts) },
    { label: say.fingerprint, value: <code className="runs-break">{fingerprint?.slice(0, 16) ?? '–'}</code> },
  ]
  return (
    <>
      <Card>
        <Facts facts={facts} />
      </Card>
      {config === undefined ? (
        <EmptyState title={say.noConfig}>{say.noConfigText}</EmptyState>
      ) : (
        <CodeBlock language="json" label={say.config} code={JSON.stringify(config, null, 2)} />
      )}
    </>
  )
}
