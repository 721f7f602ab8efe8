/** Jobs and CronJobs. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { scheduleIssue } from './cron-schedule.ts'
import { dnsLabel } from './formats.ts'
import { type Fields, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'
import { selects } from './selectors.ts'

const counts = [
  'parallelism',
  'completions',
  'backoffLimit',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]

const job: Check = function* ({ value, path, root, above }) {
  for (const name of counts) {
    const number = numberOf(value[name])
    if (number !== undefined && number < 0)
      yield rejected('out_of_range', [...path, name], `${name} is negative`, 'Use 0 or more.')
  }
  yield* indexed(value, path)
  const { kind } = root.manifest
  if (kind === 'Job') {
    yield* selectorOf(value, path)
    const name = textOf(fieldsIn(root.manifest.metadata).name)
    const last = (numberOf(value.completions) ?? 1) - 1
    if (value.completionMode === 'Indexed' && name !== undefined && dnsLabel(`${name}-${last}`) !== undefined)
      yield rejected(
        'bad_name',
        ['metadata', 'name'],
        `pods of an Indexed Job are named NAME-INDEX, and ${name}-${last} is not a valid RFC 1123 label (63 characters, no dots)`,
        'Shorten the name.',
      )
  } else if (above?.type === 'V1JobTemplateSpec') {
    for (const field of ['selector', 'manualSelector'])
      if (isSaid(value[field]) && value[field] !== false)
        yield rejected(
          'bad_selector',
          [...path, field],
          'the selector of a job template is generated',
          `Delete ${field}.`,
        )
  }
  const policy = fieldsIn(value.podFailurePolicy)
  if (isPlainObject(value.podFailurePolicy)) {
    const restart = fieldsIn(fieldsIn(value.template).spec).restartPolicy
    if (isSaid(restart) && restart !== 'Never')
      yield rejected(
        'bad_restart_policy',
        [...path, 'podFailurePolicy'],
        `podFailurePolicy needs restartPolicy Never, but it is ${String(restart)}`,
        'Use restartPolicy: Never.',
      )
    if (value.podReplacementPolicy === 'TerminatingOrFailed')
      yield rejected(
        'bad_value',
        [...path, 'podReplacementPolicy'],
        'with podFailurePolicy, podReplacementPolicy must be Failed',
        'Use Failed, or delete it.',
      )
    for (const [index, rule] of itemsOf(policy.rules))
      yield* failureRule(rule, [...path, 'podFailurePolicy', 'rules', index], value)
  }
}

function* indexed(value: Fields, path: Path): Issues {
  const isIndexed = value.completionMode === 'Indexed'
  const completions = numberOf(value.completions)
  if (isIndexed && completions === undefined)
    yield rejected('missing_field', path, 'an Indexed Job needs completions', 'Add completions.')
  if (isIndexed && (numberOf(value.parallelism) ?? 0) > 100_000)
    yield rejected(
      'out_of_range',
      [...path, 'parallelism'],
      'an Indexed Job runs at most 100000 pods',
      'Lower the value.',
    )
  for (const name of ['backoffLimitPerIndex', 'successPolicy'])
    if (!isIndexed && isSaid(value[name]))
      yield rejected(
        'bad_job',
        [...path, name],
        `${name} needs completionMode: Indexed`,
        'Add it, or delete this field.',
      )
  const failed = numberOf(value.maxFailedIndexes)
  if (failed !== undefined && !isSaid(value.backoffLimitPerIndex))
    yield rejected(
      'bad_job',
      [...path, 'maxFailedIndexes'],
      'maxFailedIndexes needs backoffLimitPerIndex',
      'Add it, or delete this field.',
    )
  else if (failed !== undefined && completions !== undefined && failed > completions)
    yield rejected(
      'bad_job',
      [...path, 'maxFailedIndexes'],
      `it must not exceed completions (${completions})`,
      'Lower the value.',
    )
  for (const [index, rule] of itemsOf(fieldsIn(value.successPolicy).rules))
    if (!isSaid(rule.succeededIndexes) && !isSaid(rule.succeededCount))
      yield rejected(
        'bad_job',
        [...path, 'successPolicy', 'rules', index],
        'the rule must set succeededIndexes or succeededCount',
        'Add one of the two.',
      )
}

/** The server makes the selector itself and takes another only with manualSelector. */
function* selectorOf(value: Fields, path: Path): Issues {
  if (!isPlainObject(value.selector)) {
    if (value.manualSelector === true)
      yield rejected(
        'missing_field',
        path,
        'manualSelector needs a selector',
        'Add selector, or delete manualSelector.',
      )
    return
  }
  if (value.manualSelector === true) {
    const labels = fieldsIn(fieldsIn(fieldsIn(value.template).metadata).labels)
    if (!selects(value.selector, labels))
      yield rejected(
        'selector_mismatch',
        [...path, 'template', 'metadata', 'labels'],
        'the selector does not match the labels of the template',
        'Add the labels of the selector to the template.',
      )
    return
  }
  const own = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/
  const others = Object.keys(fieldsIn(value.selector.matchLabels)).filter((key) => !own.test(key))
  if (others.length > 0 || listOf(value.selector.matchExpressions).length > 0)
    yield rejected(
      'bad_selector',
      [...path, 'selector'],
      'the selector of a Job is generated and cannot be set',
      'Delete selector; the Job finds its pods without it.',
    )
}

function* failureRule(rule: Fields, path: Path, spec: Fields): Issues {
  const hasCodes = isPlainObject(rule.onExitCodes)
  const hasConditions = listOf(rule.onPodConditions).length > 0
  if (hasCodes === hasConditions)
    yield rejected(
      'bad_job',
      path,
      hasCodes
        ? 'onExitCodes and onPodConditions are mutually exclusive'
        : 'the rule must set onExitCodes or onPodConditions',
      'Set exactly one of them.',
    )
  if (rule.action === 'FailIndex' && !isSaid(spec.backoffLimitPerIndex))
    yield rejected(
      'bad_job',
      [...path, 'action'],
      'FailIndex needs backoffLimitPerIndex',
      'Add it, or write FailJob.',
    )
  const codes = fieldsIn(rule.onExitCodes)
  const values = listOf(codes.values).filter((one): one is number => typeof one === 'number')
  const at = [...path, 'onExitCodes', 'values']
  if (codes.operator === 'In' && values.includes(0))
    yield rejected(
      'bad_job',
      at,
      'exit code 0 is success and must not be listed with operator In',
      'Delete 0.',
    )
  if (values.some((one, index) => index > 0 && one <= values[index - 1]!))
    yield rejected('bad_job', at, 'the codes must be sorted and unique', 'Sort them.')
  const container = textOf(codes.containerName)
  const pod = fieldsIn(fieldsIn(spec.template).spec)
  const names = [...itemsOf(pod.containers), ...itemsOf(pod.initContainers)].map(([, { name }]) => name)
  if (container !== undefined && !names.includes(container))
    yield rejected(
      'bad_job',
      [...path, 'onExitCodes', 'containerName'],
      `the pod has no container ${container}`,
      `Use one of ${names.join(', ')}, or delete it.`,
    )
}

const cronJob: Check = function* ({ value, path }) {
  const { jobTemplate } = value
  if (isPlainObject(jobTemplate) && !isPlainObject(jobTemplate.spec))
    yield rejected('missing_field', [...path, 'jobTemplate'], 'the job template has no spec', 'Add spec.')
  const schedule = textOf(value.schedule)
  const wrong = schedule === undefined ? undefined : scheduleIssue(schedule)
  if (wrong !== undefined)
    yield rejected(
      'bad_schedule',
      [...path, 'schedule'],
      `the schedule ${wrong}`,
      'Use a schedule such as "*/5 * * * *".',
    )
  for (const name of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    const number = numberOf(value[name])
    if (number !== undefined && number < 0)
      yield rejected('out_of_range', [...path, name], `${name} is negative`, 'Use 0 or more.')
  }
  const zone = value.timeZone
  if (typeof zone === 'string' && !isTimeZone(zone))
    yield rejected(
      'bad_time_zone',
      [...path, 'timeZone'],
      `${JSON.stringify(zone)} is not a valid time zone`,
      'Use an IANA name such as Europe/Berlin or Etc/UTC.',
    )
}

function isTimeZone(zone: string): boolean {
  // Offsets such as +01:00 are time zones for JavaScript only.
  if (!/^[A-Za-z]/.test(zone) || zone.trim() !== zone || zone.toLowerCase() === 'local') return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export const jobsRule: LintRule = ruleOf({
  V1CronJobSpec: cronJob,
  V1JobSpec: job,
})
