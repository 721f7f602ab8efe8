/** Tries a text on the guard; nothing is recorded, and no model sees it. */

import type { GuardCheck, GuardCheckAnswer, GuardFacts, GuardRole } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { getJson } from '../../../api/request.ts'
import { useAction } from '../../../api/use-action.ts'
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  Select,
  Skeleton,
  Tabs,
  TextField,
} from '../../../design/index.ts'
import { language } from '../../../messages/language.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { guardWords } from '../guard-words.ts'
import { ReviewButtons } from '../review/review-buttons.tsx'
import { FindingsList } from './findings-list.tsx'
import { MarkedText } from './marked-text.tsx'
import { type Sample, samples } from './samples.ts'
import { StepsTable } from './steps-table.tsx'
import { WhatHappens } from './what-happens.tsx'

const roles: readonly GuardRole[] = ['user', 'tool', 'system', 'assistant']
/** As the protocol has it; the schema itself would load all schemas. */
const longest = 65_536

export interface TryViewProps {
  readonly facts: GuardFacts
  /** Something was reviewed or learnt. */
  readonly onChange: () => void
}

export function TryView({ facts, onChange }: TryViewProps): ReactNode {
  const say = useMessages(guardWords)
  const now = useStore(language)
  const [text, setText] = useState('')
  const [role, setRole] = useState<GuardRole>('user')
  const [preset, setPreset] = useState(facts.preset === undefined ? 'default' : '')
  const [key, setKey] = useState('')
  const [checked, setChecked] = useState<{ readonly requested: GuardCheck; readonly answer: GuardCheckAnswer }>()
  const checking = useAction(async (requested: GuardCheck) => {
    setChecked({ requested, answer: await getJson<GuardCheckAnswer>('/hadal/guard/check', { body: requested }) })
  })
  const check = (with_: { readonly text: string; readonly role: GuardRole }): void => {
    if (with_.text === '') return
    void checking.run({
      ...with_,
      ...(preset !== '' && { preset }),
      ...(key.trim() !== '' && { key: key.trim() }),
    })
  }
  const take = (sample: Sample): void => {
    setText(sample.text)
    setRole(sample.role)
    check(sample)
  }
  return (
    <div className="guard-try">
      <Card>
        <div className="stack">
          <TextField
            label={say.text}
            hint={say.textHint}
            rows={6}
            value={text}
            maxLength={longest}
            onChange={setText}
            onEnter={() => check({ text, role })}
          />
          <div className="fields">
            <Select
              label={say.role}
              value={role}
              options={roles.map((value) => ({ value, label: say[value] }))}
              onChange={setRole}
            />
            <Select
              label={say.policy}
              value={preset}
              options={[
                {
                  value: '',
                  label: facts.preset === undefined ? say.policyNone : say.policyService(facts.preset),
                  isDisabled: facts.preset === undefined,
                },
                ...facts.presets.map((name) => ({ value: name, label: say.preset(name) })),
              ]}
              onChange={setPreset}
            />
            <TextField label={say.key} hint={say.keyHint} value={key} onChange={setKey} />
          </div>
          <div className="row">
            <Button
              kind="primary"
              icon="shield"
              isBusy={checking.isBusy}
              isDisabled={text === ''}
              onPress={() => check({ text, role })}
            >
              {say.check}
            </Button>
          </div>
          <fieldset className="guard-samples">
            <legend className="small soft">{say.samples}</legend>
            {samples.map((sample) => (
              <Button key={sample.id} size="small" onPress={() => take(sample)}>
                {sample.label[now]}
              </Button>
            ))}
          </fieldset>
        </div>
      </Card>
      <div className="stack" aria-live="polite">
        {checking.error !== undefined && <ErrorState error={checking.error} />}
        {checked === undefined && checking.isBusy && <Skeleton lines={6} />}
        {checked === undefined && !checking.isBusy && checking.error === undefined && (
          <EmptyState title={say.nothingYet} icon="shield">
            {say.nothingYetWhy}
          </EmptyState>
        )}
        {checked !== undefined && (
          <Checked key={checked.requested.text} {...checked} facts={facts} onChange={onChange} />
        )}
      </div>
    </div>
  )
}

interface CheckedProps extends TryViewProps {
  readonly requested: GuardCheck
  readonly answer: GuardCheckAnswer
}

function Checked({ requested, answer, facts, onChange }: CheckedProps): ReactNode {
  const say = useMessages(guardWords)
  const { findings, views, steps } = answer
  // The one where the severest was found.
  const first = findings[0]?.view ?? 'original'
  const [name, setName] = useState(first)
  const view = views.find((each) => each.name === name) ?? views[0]!
  return (
    <>
      <WhatHappens answer={answer} />
      <Card title={say.views} lead={say.viewsLead}>
        <div className="stack">
          {views.length > 1 && (
            <Tabs
              label={say.views}
              value={view.name}
              tabs={views.map(({ name: value, path, marks }) => ({
                value,
                label: path.length === 0 ? say.original : path.join(' › '),
                ...(marks.length > 0 && { count: marks.length }),
              }))}
              onChange={setName}
            />
          )}
          <div role="tabpanel" aria-label={view.name}>
            <MarkedText view={view} findings={findings} />
          </div>
          <FindingsList findings={findings} />
        </div>
      </Card>
      <Card title={say.layers} lead={say.layersLead} isFlush>
        <StepsTable steps={steps} />
      </Card>
      <Card title={say.isIt}>
        <ReviewButtons
          text={requested.text}
          role={answer.role}
          action={answer.action}
          facts={facts}
          onChange={onChange}
        />
      </Card>
    </>
  )
}
