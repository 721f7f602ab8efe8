/** A replay: configuration and results. Runs as a job, so it continues when the page is left. */

import type { ReplayAnswer } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import {
  Button,
  Card,
  Checkbox,
  Disclosure,
  EmptyState,
  ErrorState,
  NumberField,
  Segmented,
  Select,
  TextField,
} from '../../../design/index.ts'
import { useJob } from '../../../jobs/use-job.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import { JobOutcome } from '../job-outcome.tsx'
import { TextFileInput } from '../text-file-input.tsx'
import { emptyReplay, type ReplayForm, replayDays, replayIssues, replayOptions } from './replay-options.ts'
import { ReplayResult } from './replay-result.tsx'
import { scalingWords } from './scaling-words.ts'

export function ReplayView(): ReactNode {
  const say = useMessages(scalingWords)
  const jobs = useJob('scale-replay')
  const [form, setForm] = useState(emptyReplay)
  const { job, isAvailable, actionError, isStarting, isCancelling, start, cancel } = jobs
  const isRunning = job?.summary.state === 'running'
  const issues = replayIssues(form)
  const result = job?.result as ReplayAnswer | undefined
  return (
    <div className="ops-stack">
      <Card
        title={say.replayTitle}
        lead={say.replayLead}
        actions={
          isRunning ? (
            <Button icon="stop" isBusy={isCancelling} onPress={() => void cancel()}>
              {say.stop}
            </Button>
          ) : (
            <Button
              kind="primary"
              icon="play"
              isBusy={isStarting}
              isDisabled={isAvailable === false || issues.size > 0}
              onPress={() => void start(replayOptions(form))}
            >
              {say.run}
            </Button>
          )
        }
      >
        <SourceFields form={form} issues={issues} onChange={setForm} />
        <AgainstFields form={form} onChange={setForm} />
        <EngineFields form={form} issues={issues} onChange={setForm} />
        {isAvailable === false && <p className="warn">{say.unavailable}</p>}
        {actionError !== undefined && <ErrorState error={actionError} />}
      </Card>
      <JobOutcome
        jobs={jobs}
        result={result && <ReplayResult replay={result} />}
        commandLabel={say.command}
        empty={
          <EmptyState title={say.emptyTitle} icon="curve">
            <p>{say.emptyText}</p>
          </EmptyState>
        }
      />
    </div>
  )
}

interface FieldsProps {
  readonly form: ReplayForm
  readonly onChange: (form: ReplayForm) => void
  readonly issues?: ReadonlySet<keyof ReplayForm>
}

/** The server takes bodies of 4 MiB, and a text grows a little as JSON. */
const maxRecording = 3_500_000

function SourceFields({ form, issues, onChange }: FieldsProps): ReactNode {
  const say = useMessages(scalingWords)
  const [file, setFile] = useState<{ readonly name: string; readonly isTooLarge: boolean }>()
  const set = (change: Partial<ReplayForm>): void => onChange({ ...form, ...change })
  return (
    <>
      <div className="row">
        <Segmented
          label={say.source}
          value={form.source}
          options={(['day', 'past', 'recording'] as const).map((value) => ({ value, label: say[value] }))}
          onChange={(source) => set({ source })}
        />
      </div>
      {form.source === 'day' && (
        <div className="fields">
          <Select
            label={say.whichDay}
            value={form.day}
            options={replayDays.map((value) => ({ value, label: say[value] }))}
            onChange={(day) => set({ day })}
          />
          <NumberField
            label={say.peak}
            hint={say.peakHint}
            value={form.peak}
            min={0.1}
            step={0.5}
            onChange={(peak) => set({ peak })}
          />
          <NumberField
            label={say.days}
            value={form.days}
            min={1}
            max={31}
            onChange={(days) => set({ days })}
          />
          <NumberField label={say.seed} value={form.seed} min={0} onChange={(seed) => set({ seed })} />
        </div>
      )}
      {form.source === 'past' && (
        <div className="fields">
          <TextField
            label={say.length}
            hint={say.lengthHint}
            error={issues?.has('past') ? say.invalid : undefined}
            value={form.past}
            onChange={(past) => set({ past })}
          />
          <TextField
            label={say.prometheus}
            hint={say.prometheusHint}
            error={issues?.has('prometheus') ? say.invalidUrl : undefined}
            placeholder="http://127.0.0.1:9090"
            value={form.prometheus}
            onChange={(prometheus) => set({ prometheus })}
          />
        </div>
      )}
      {form.source === 'recording' && (
        <div className="row">
          <TextFileInput
            label={say.chooseFile}
            accept=".json"
            isSingle
            onFiles={async ([chosen]) => {
              if (chosen === undefined) return
              const isTooLarge = chosen.size > maxRecording
              setFile({ name: chosen.name, isTooLarge })
              set({ recording: isTooLarge ? undefined : await chosen.text() })
            }}
          />
          <span className="soft">{file?.name ?? say.noFileYet}</span>
          <span className="soft small">
            <InlineCode text={say.recordingHint} />
          </span>
          {file?.isTooLarge === true && (
            <span className="warn">
              {say.fileTooLarge} <code>hadal scale replay {file.name}</code>
            </span>
          )}
        </div>
      )}
    </>
  )
}

function AgainstFields({ form, onChange }: FieldsProps): ReactNode {
  const say = useMessages(scalingWords)
  const set = (change: Partial<ReplayForm>): void => onChange({ ...form, ...change })
  return (
    <fieldset className="ops-fieldset">
      <legend>{say.against}</legend>
      <div className="ops-checks">
        <Checkbox label={say.hpa} isOn={form.hpa} onChange={(hpa) => set({ hpa })} />
        <Checkbox label={say.keda} isOn={form.keda} onChange={(keda) => set({ keda })} />
        <Checkbox label={say.historyPredict} isOn={form.history} onChange={(history) => set({ history })} />
        <Checkbox
          label={say.fixed}
          isOn={form.fixed !== undefined}
          onChange={(isOn) => set({ fixed: isOn ? 4 : undefined })}
        />
        {form.fixed !== undefined && (
          <div className="ops-short">
            <NumberField
              label={say.fixedCount}
              isLabelHidden
              value={form.fixed}
              min={0}
              max={10_000}
              onChange={(fixed) => set({ fixed: Math.max(0, Math.round(fixed ?? 0)) })}
            />
          </div>
        )}
      </div>
    </fieldset>
  )
}

function EngineFields({ form, issues, onChange }: FieldsProps): ReactNode {
  const say = useMessages(scalingWords)
  const set = (change: Partial<ReplayForm>): void => onChange({ ...form, ...change })
  const shared = { placeholder: say.asConfigured }
  return (
    <Disclosure summary={say.more}>
      <div className="fields">
        <NumberField {...shared} label={say.min} value={form.min} min={0} onChange={(min) => set({ min })} />
        <NumberField {...shared} label={say.max} value={form.max} min={1} onChange={(max) => set({ max })} />
        <TextField
          {...shared}
          label={say.start}
          hint={say.startHint}
          error={issues?.has('start') ? say.invalid : undefined}
          value={form.start}
          onChange={(start) => set({ start })}
        />
        <NumberField
          {...shared}
          label={say.places}
          value={form.places}
          min={1}
          onChange={(places) => set({ places })}
        />
        <TextField
          {...shared}
          label={say.serviceP99}
          hint={say.serviceHint}
          error={issues?.has('serviceP99') ? say.invalid : undefined}
          value={form.serviceP99}
          onChange={(serviceP99) => set({ serviceP99 })}
        />
      </div>
    </Disclosure>
  )
}
