/** Component gallery for developers: `#/design`. Sample data, no requests. */

import { type ReactNode, useState } from 'react'
import { ApiError } from '../../api/api-error.ts'
import {
  Badge,
  Button,
  Card,
  CodeBlock,
  Confirm,
  Dialog,
  Disclosure,
  EmptyState,
  ErrorState,
  Facts,
  formatMillis,
  Menu,
  Meter,
  Notice,
  Page,
  Segments,
  Skeleton,
  Stat,
  toast,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { Charts } from './charts.tsx'
import { Controls } from './controls.tsx'
import { Tables } from './tables.tsx'
import { designPageWords } from './words.ts'

const trend = Array.from({ length: 40 }, (_, at) => 40 + 18 * Math.sin(at / 5) + ((at * 7) % 11))
const refused = new ApiError(
  429,
  'queue_full',
  'the queue is full: 64 requests wait',
  'Retry after the time of Retry-After, or serve with a larger maxQueue.',
)

export default function DesignPage(): ReactNode {
  const say = useMessages(designPageWords)
  const [open, setOpen] = useState<'middle' | 'side' | 'confirm'>()
  const close = (): void => setOpen(undefined)
  return (
    <Page
      title={say.title}
      lead={say.lead}
      actions={
        <>
          <Button icon="refresh">{say.plain}</Button>
          <Button kind="primary" icon="plus">
            {say.primary}
          </Button>
        </>
      }
    >
      <div className="stats">
        <Stat label="TTFT P50" value={formatMillis(84)} trend={trend} />
        <Stat label="TTFT P99" value={formatMillis(612)} tone="bad" hint="SLO 500 ms" />
        <Stat label={say.tokens} value="1,284 tok/s" trend={[...trend].reverse()} />
        <Stat label={say.queue} value="3" tone="warn" hint="of 64" />
        <Stat label={say.cache} value="71.4%" tone="good" />
        <Stat label={say.none} value={formatMillis(undefined)} />
      </div>
      <Charts />
      <Controls />
      <div className="columns">
        <Card title={say.badges}>
          <div className="row">
            <Badge>{say.plain}</Badge>
            <Badge tone="accent">accent</Badge>
            <Badge tone="good">good</Badge>
            <Badge tone="warn">warn</Badge>
            <Badge tone="bad">bad</Badge>
          </div>
          <Notice>{say.sentence}</Notice>
          <Notice tone="accent">{say.sentence}</Notice>
          <Notice tone="good">{say.sentence}</Notice>
          <Notice tone="warn" action={<Button size="small">{say.plain}</Button>}>
            {say.sentence}
          </Notice>
          <Notice tone="bad">{say.sentence}</Notice>
          <ErrorState error={refused} onRetry={() => toast({ text: say.sentence })} />
        </Card>
        <Card title={say.shares} lead={say.sentence}>
          <Meter label="KV" value={3.1} max={8} text="3.1 of 8 GiB" />
          <Meter label={say.budget} value={92} max={100} text="92 of 100 USD" tone="warn" />
          <Meter label={say.budget} value={120} max={100} text="120 of 100 USD" tone="bad" />
          <Segments
            label={say.shares}
            segments={[
              { label: 'queue', value: 12, text: '12 ms' },
              { label: 'prefill', value: 84, text: '84 ms' },
              { label: 'decode', value: 410, text: '410 ms' },
              { label: 'rest', value: 60, text: '60 ms', color: 'rest' },
            ]}
          />
          <Facts
            facts={[
              { label: 'id', value: <code>chatcmpl-8f2c91</code> },
              { label: say.tokens, value: '1,204' },
              { label: say.sentence, value: say.sentence },
            ]}
          />
        </Card>
        <Card title={say.waits}>
          <Skeleton lines={4} />
          <EmptyState icon="curve" title={say.nothing} action={<Button>{say.plain}</Button>}>
            <p>{say.sentence}</p>
            <CodeBlock language="sh" code="npx hadal train recipes/nano --steps 60" />
          </EmptyState>
        </Card>
        <Card title={say.overlays}>
          <div className="row">
            <Button onPress={() => setOpen('middle')}>Dialog</Button>
            <Button onPress={() => setOpen('side')}>Dialog side</Button>
            <Button kind="danger" onPress={() => setOpen('confirm')}>
              Confirm
            </Button>
            <Menu
              icon="more"
              label="Menu"
              align="start"
              items={[
                { label: say.plain, icon: 'edit', onPress: close },
                { label: say.primary, icon: 'copy', onPress: close },
                { label: 'danger', icon: 'trash', isDanger: true, onPress: close },
              ]}
            />
            <Button
              onPress={() =>
                toast({ text: say.sentence, tone: 'good', action: { label: 'Undo', onPress: close } })
              }
            >
              Toast
            </Button>
          </div>
          <Disclosure summary={say.overlays}>
            <p>{say.sentence}</p>
          </Disclosure>
          <CodeBlock
            language="yaml"
            code={
              'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: hadal-engine-with-a-name-that-is-long-enough-to-need-a-wider-frame-than-there-is\nspec:\n  replicas: 2'
            }
          />
        </Card>
      </div>
      <Tables />
      <Dialog
        title="Dialog"
        place={open === 'side' ? 'side' : 'middle'}
        isOpen={open === 'middle' || open === 'side'}
        onClose={close}
      >
        <p>{say.sentence}</p>
      </Dialog>
      <Confirm title="Confirm" isOpen={open === 'confirm'} onClose={close} action="Revoke" onConfirm={close}>
        <p>{say.sentence}</p>
      </Confirm>
    </Page>
  )
}
