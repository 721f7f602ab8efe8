/** Python's `strftime` on Linux, in local time. Always in English, as in training data. */

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Unknown directives are left unchanged. Supports glibc's flags: `%-d`, `%_d` and `%^a`. */
export function formatTime(date: Date, format: string): string {
  return format.replace(/%([-_0^#]?)(.)/gsu, (whole, flag: string, directive: string) => {
    const compound = compounds[directive]
    if (compound !== undefined) return formatTime(date, compound)
    const field = fields[directive]
    if (field === undefined) return whole
    const [value, width = 0, fill = '0'] = field(date)
    if (typeof value === 'string') return flag === '^' ? value.toUpperCase() : value
    const padding = flag === '-' ? '' : flag === '_' ? ' ' : flag === '0' ? '0' : fill
    return padding === '' ? String(value) : String(value).padStart(width, padding)
  })
}

const compounds: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  x: '%m/%d/%y',
}

/** A text, or a number with its width and fill character. */
type Field = readonly [value: string | number, width?: number, fill?: string]

const fields: Readonly<Record<string, (date: Date) => Field>> = {
  Y: (date) => [date.getFullYear()],
  y: (date) => [date.getFullYear() % 100, 2],
  C: (date) => [Math.floor(date.getFullYear() / 100), 2],
  m: (date) => [date.getMonth() + 1, 2],
  d: (date) => [date.getDate(), 2],
  e: (date) => [date.getDate(), 2, ' '],
  H: (date) => [date.getHours(), 2],
  k: (date) => [date.getHours(), 2, ' '],
  I: (date) => [date.getHours() % 12 || 12, 2],
  l: (date) => [date.getHours() % 12 || 12, 2, ' '],
  M: (date) => [date.getMinutes(), 2],
  S: (date) => [date.getSeconds(), 2],
  f: (date) => [date.getMilliseconds() * 1000, 6],
  s: (date) => [Math.floor(date.getTime() / 1000)],
  j: (date) => [dayOfYear(date), 3],
  u: (date) => [date.getDay() || 7],
  w: (date) => [date.getDay()],
  U: (date) => [Math.floor((dayOfYear(date) + 6 - date.getDay()) / 7), 2],
  W: (date) => [Math.floor((dayOfYear(date) + 6 - ((date.getDay() + 6) % 7)) / 7), 2],
  V: (date) => [isoWeek(date).week, 2],
  G: (date) => [isoWeek(date).year],
  p: (date) => [date.getHours() < 12 ? 'AM' : 'PM'],
  P: (date) => [date.getHours() < 12 ? 'am' : 'pm'],
  b: (date) => [months[date.getMonth()]!.slice(0, 3)],
  B: (date) => [months[date.getMonth()]!],
  a: (date) => [days[date.getDay()]!.slice(0, 3)],
  A: (date) => [days[date.getDay()]!],
  // Python's datetime.now() is naive: it has no time zone.
  z: () => [''],
  Z: () => [''],
  n: () => ['\n'],
  t: () => ['\t'],
  '%': () => ['%'],
}

const dayMillis = 86_400_000

const utc = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())

function dayOfYear(date: Date): number {
  return Math.round((utc(date) - Date.UTC(date.getFullYear(), 0, 1)) / dayMillis) + 1
}

/** ISO 8601 week; its year is that of its Thursday. */
function isoWeek(date: Date): { week: number; year: number } {
  const thursday = new Date(utc(date) + (4 - (date.getDay() || 7)) * dayMillis)
  const year = thursday.getUTCFullYear()
  return { week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMillis)) + 1, year }
}
