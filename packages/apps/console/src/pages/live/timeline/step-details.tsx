/** One step as text and table: duration, sequences, and work per sequence. */

import type { ReactNode } from 'react'
import { type Column, formatCount, formatMillis, Table } from '../../../design/index.ts'
import { type Language, language } from '../../../messages/language.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf } from '../../../shell/route.ts'
import { useStore } from '../../../store.ts'
import type { LoggedMember, LoggedStep } from './step-log.ts'
import { timelineWords } from './timeline-words.ts'

type Words = ReturnType<typeof useMessages<typeof timelineWords.en>>

/** `Step 412 of nano: 3 decodes and 256 prompt tokens in 4.1 ms.` */
export function stepSentence(step: LoggedStep, say: Words): string {
  const { decodeTokens, prefillTokens, draftTokens = 0, running, millis } = step
  const parts = [
    ...(step.isPass === true ? [say.pass(formatCount(running), formatCount(prefillTokens))] : []),
    ...(step.isPass !== true && decodeTokens > draftTokens
      ? [say.decodes(formatCount(decodeTokens - draftTokens))]
      : []),
    ...(draftTokens > 0 ? [say.drafts(formatCount(draftTokens), formatCount(step.acceptedDrafts))] : []),
    ...(step.isPass !== true && prefillTokens > 0 ? [say.prompts(formatCount(prefillTokens))] : []),
  ]
  return say.sentence(String(step.step), modelOf(step), parts.join(say.and), formatMillis(millis))
}

const modelOf = ({ model, replica }: LoggedStep): string =>
  replica === undefined ? model : `${model} #${replica}`

export function StepDetails({ step }: { readonly step: LoggedStep }): ReactNode {
  const say = useMessages(timelineWords)
  const tongue = useStore(language)
  const { planMillis, nativeMillis, sampleMillis, textMillis, budget, preempted, waiting, kvCacheUsage } =
    step
  const times = [
    [say.plan, planMillis],
    [say.native, nativeMillis],
    [say.sample, sampleMillis],
    [say.texts, textMillis],
  ] as const
  const known = times.filter(([, millis]) => millis !== undefined)
  const tokens = step.decodeTokens + step.prefillTokens
  return (
    <div className="live-step">
      <p className="live-step-head">
        <strong>{stepSentence(step, say)}</strong>{' '}
        <span className="soft">
          {clock(step.at, tongue)}
          {known.length > 0 &&
            ` · ${known.map(([name, millis]) => `${name} ${formatMillis(millis)}`).join(' · ')}`}
          {budget !== undefined && ` · ${say.budget(formatCount(tokens), formatCount(budget))}`}
          {` · ${say.standing(formatCount(waiting), `${Math.round(kvCacheUsage * 100)}%`)}`}
        </span>
      </p>
      {preempted.length > 0 && (
        <p className="bad">
          {say.asides(preempted.map(({ request, id }) => short(request ?? id)).join(', '))}
        </p>
      )}
      {step.hasMembers ? (
        <Table
          label={say.membersOf(String(step.step))}
          columns={columnsOf(say)}
          rows={step.members}
          keyOf={({ id }) => id}
          maxRows={12}
        />
      ) : (
        <p className="soft">{say.noMembers}</p>
      )}
    </div>
  )
}

function columnsOf(say: Words): Column<LoggedMember>[] {
  return [
    {
      key: 'request',
      label: say.request,
      render: ({ request, id }) =>
        request === undefined ? (
          <code>{short(id)}</code>
        ) : (
          <a href={hrefOf('live', [], { request })}>
            <code>{short(request)}</code>
          </a>
        ),
    },
    { key: 'slot', label: say.slot, isNumber: true, render: ({ slot }) => slot },
    {
      key: 'what',
      label: say.what,
      render: ({ prefill, drafts }) =>
        prefill !== undefined
          ? say.ofPrompt(formatCount(prefill))
          : drafts !== undefined
            ? say.withDrafts(formatCount(drafts))
            : say.oneToken,
    },
    {
      key: 'prompt',
      label: say.promptSoFar,
      isNumber: true,
      render: ({ computed, prompt }) =>
        computed === undefined || prompt === undefined ? '–' : `${computed} / ${prompt}`,
    },
    {
      key: 'shared',
      label: say.sharedPrefix,
      render: ({ shared, sharedId }) =>
        shared === undefined ? '–' : say.sharedWith(formatCount(shared), short(sharedId ?? '')),
    },
  ]
}

/** Long ids share their prefixes: their suffixes distinguish them. */
const short = (id: string): string => (id.length <= 14 ? id : `…${id.slice(-8)}`)

const clock = (at: number, tongue: Language): string =>
  new Date(at).toLocaleTimeString(tongue === 'zh' ? 'zh-CN' : 'en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
