/** Schedules of CronJobs, as the parser of Kubernetes (robfig/cron) takes them. */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  /** From `least` on. */
  readonly words: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: months },
  { name: 'day of week', least: 0, most: 6, words: days },
]

/** Returns the issue of an invalid schedule, or undefined. */
export function scheduleIssue(schedule: string): string | undefined {
  if (/^(CRON_)?TZ=/.test(schedule)) return 'contains a time zone, which belongs in spec.timeZone'
  const text = schedule.trim()
  if (text.startsWith('@')) return macroIssue(text)
  const parts = text.split(/\s+/)
  if (parts.length !== 5)
    return `has ${parts.length} fields, but must have 5: minute, hour, day, month, day of week`
  for (const [index, part] of parts.entries())
    for (const item of part.split(',')) {
      const issue = itemIssue(item, fields[index]!)
      if (issue !== undefined) return issue
    }
  return undefined
}

function macroIssue(text: string): string | undefined {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text)) return undefined
  if (/^@every \d+(\.\d+)?(ns|us|µs|ms|s|m|h)(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))*$/.test(text)) return undefined
  return `${text} is unknown; use @hourly, @daily, @weekly, @monthly, @yearly or @every 1h30m`
}

function itemIssue(item: string, field: Field): string | undefined {
  const [range = '', step, ...more] = item.split('/')
  const bad = `${JSON.stringify(item)} is not a valid ${field.name}`
  if (more.length > 0) return bad
  if (step !== undefined && (!/^\d+$/.test(step) || Number(step) === 0))
    return `${bad}: the step must be 1 or more`
  if (range === '*' || range === '?') return undefined
  const ends = range.split('-')
  if (ends.length > 2) return bad
  const [from, to] = ends.map((end) => numberIn(end, field))
  if (from === undefined || (ends.length === 2 && to === undefined)) return bad
  const last = to ?? from
  if (from < field.least || last > field.most)
    return `${bad}: it must be from ${field.least} to ${field.most}`
  return from > last ? `${bad}: ${from} is greater than ${last}` : undefined
}

function numberIn(text: string, field: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const at = field.words.indexOf(text.toLowerCase())
  return at < 0 ? undefined : at + field.least
}
