/** Controls and fields in every state. */

import { type ReactNode, useState } from 'react'
import {
  Button,
  ButtonLink,
  Card,
  Checkbox,
  NumberField,
  Segmented,
  Select,
  Switch,
  Tabs,
  TextField,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { designPageWords } from './words.ts'

export function Controls(): ReactNode {
  const say = useMessages(designPageWords)
  const [tab, setTab] = useState('one')
  const [span, setSpan] = useState('5m')
  const [isOn, setOn] = useState(true)
  const [text, setText] = useState('')
  const [number, setNumber] = useState<number | undefined>(0.7)
  return (
    <>
      <Card title={say.controls}>
        <div className="row">
          <Button kind="primary">{say.primary}</Button>
          <Button>{say.plain}</Button>
          <Button kind="quiet">quiet</Button>
          <Button kind="danger">danger</Button>
          <Button isDisabled>disabled</Button>
          <Button kind="primary" isBusy>
            busy
          </Button>
          <Button icon="copy" label="icon" />
          <Button kind="quiet" icon="pause" label="pressed" isPressed />
          <Button size="small" icon="download">
            small
          </Button>
          <Button size="large" kind="primary" icon="send">
            large
          </Button>
          <ButtonLink href="#/design" icon="external">
            link
          </ButtonLink>
        </div>
        <Tabs
          label="tabs"
          value={tab}
          onChange={setTab}
          tabs={[
            { value: 'one', label: say.plain },
            { value: 'two', label: say.primary, count: 12 },
            { value: 'three', label: say.queue },
          ]}
        />
        <div className="row">
          <Segmented
            label="window"
            value={span}
            onChange={setSpan}
            options={[
              { value: '5m', label: '5 min' },
              { value: '1h', label: '1 h' },
              { value: '24h', label: '24 h' },
            ]}
          />
          <Switch label="switch" isOn={isOn} onChange={setOn} />
          <Switch label="off" isOn={!isOn} onChange={(now) => setOn(!now)} />
          <Checkbox label="checkbox" isOn={isOn} onChange={setOn} />
        </div>
      </Card>
      <Card title={say.fields}>
        <div className="fields">
          <TextField
            label="text"
            value={text}
            onChange={setText}
            placeholder="placeholder"
            hint={say.sentence}
          />
          <TextField label="wrong" value={text} onChange={setText} error={say.sentence} />
          <TextField label="search" type="search" value={text} onChange={setText} placeholder="search" />
          <Select
            label="select"
            value={span}
            onChange={setSpan}
            options={[
              { value: '5m', label: 'five minutes' },
              { value: '1h', label: 'an hour' },
              { value: '24h', label: 'a day' },
            ]}
          />
          <NumberField
            label="temperature"
            value={number}
            onChange={setNumber}
            min={0}
            max={2}
            step={0.05}
            hasSlider
            placeholder="1"
          />
          <NumberField
            label="unset"
            value={undefined}
            onChange={setNumber}
            min={0}
            max={2}
            step={0.05}
            hasSlider
            placeholder="1"
          />
          <NumberField label="deadline" value={number} onChange={setNumber} unit="ms" />
          <TextField label="rows" value={text} onChange={setText} rows={3} isCode placeholder="{ }" />
        </div>
      </Card>
    </>
  )
}
