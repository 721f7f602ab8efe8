/** The replay form as job options. Pure. */

import type { ScaleReplayJobOptions } from '@hadal/protocol'

type Day = NonNullable<ScaleReplayJobOptions['day']>

/** The likeliest choice first; a missing day is a compile error. */
const dayOrder: Readonly<Record<Day, number>> = {
  'flash-crowd': 0,
  diurnal: 1,
  'office-hours': 2,
  week: 3,
  lull: 4,
  steady: 5,
  flapping: 6,
  'silent-exporter': 7,
  'counter-reset': 8,
  'clock-skew': 9,
}
export const replayDays: readonly Day[] = (Object.keys(dayOrder) as Day[]).sort(
  (a, b) => dayOrder[a] - dayOrder[b],
)

export type ReplaySource = 'day' | 'past' | 'recording'

export interface ReplayForm {
  readonly source: ReplaySource
  readonly day: Day
  readonly days: number | undefined
  readonly peak: number | undefined
  readonly seed: number | undefined
  readonly past: string
  readonly prometheus: string
  readonly recording: string | undefined
  readonly hpa: boolean
  readonly keda: boolean
  readonly history: boolean
  readonly fixed: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly start: string
  readonly places: number | undefined
  readonly serviceP99: string
}

export const emptyReplay: ReplayForm = {
  source: 'day',
  day: 'flash-crowd',
  days: undefined,
  peak: undefined,
  seed: undefined,
  past: '24h',
  prometheus: '',
  recording: undefined,
  hpa: true,
  keda: true,
  history: false,
  fixed: undefined,
  min: undefined,
  max: undefined,
  start: '',
  places: undefined,
  serviceP99: '',
}

/** Which fields are wrong. */
export function replayIssues(form: ReplayForm): ReadonlySet<keyof ReplayForm> {
  const issues = new Set<keyof ReplayForm>()
  const isDuration = (text: string): boolean => /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text.trim())
  for (const field of ['start', 'serviceP99'] as const)
    if (form[field].trim() !== '' && !isDuration(form[field])) issues.add(field)
  if (form.source === 'past') {
    if (!/^\d+(\.\d+)?(s|m|h|d)$/.test(form.past.trim())) issues.add('past')
    if (form.prometheus.trim() !== '' && !/^https?:\/\/\S+$/.test(form.prometheus.trim()))
      issues.add('prometheus')
  }
  if (form.source === 'recording' && form.recording === undefined) issues.add('recording')
  return issues
}

/** Options from a valid form. */
export function replayOptions(form: ReplayForm): ScaleReplayJobOptions {
  const { source, day, days, peak, seed, fixed, min, max, places, recording } = form
  const [past, prometheus, start, serviceP99] = [form.past, form.prometheus, form.start, form.serviceP99].map(
    (text) => text.trim(),
  ) as [string, string, string, string]
  const against = [
    ...(form.hpa ? ['hpa'] : []),
    ...(form.keda ? ['keda'] : []),
    ...(form.history ? ['hadal:history'] : []),
    ...(fixed === undefined ? [] : [`fixed:${fixed}`]),
  ]
  return {
    ...(source === 'day' && {
      day,
      ...(days !== undefined && { days }),
      ...(peak !== undefined && { peak }),
      ...(seed !== undefined && { seed }),
    }),
    ...(source === 'past' && { past, ...(prometheus !== '' && { prometheus }) }),
    ...(source === 'recording' && recording !== undefined && { recording }),
    ...(against.length > 0 && { against }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(places !== undefined && { places }),
    ...(start !== '' && { start }),
    ...(serviceP99 !== '' && { serviceP99 }),
  }
}
