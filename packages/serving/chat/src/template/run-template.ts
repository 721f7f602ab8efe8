/**
 * Runs a template with a bound on time and size: it came with a model, and is no code of ours. It sees nothing but the
 * variables it is given, which the interpreter copies into values of its own.
 */

import { createContext, Script } from 'node:vm'
import { messageOf } from '@hadal/base'
import { Environment, Interpreter } from '@huggingface/jinja'
import { compile, stringFunction } from './compile.ts'
import { pythonText } from './python-text.ts'
import type { Seal } from './seal.ts'

const maxMillis = 2000
const maxCharacters = 64 * 1024 * 1024
const longestRange = 100_000

/** Why a template could not be run; the message is the template's own where it has one. */
export class TemplateFailure extends Error {
  readonly tookTooLong: boolean

  constructor(why: string, options?: { readonly cause: unknown; readonly tookTooLong: boolean }) {
    super(why, options)
    this.tookTooLong = options?.tookTooLong ?? false
  }
}

/** What no variable of a request may stand in for. */
const functions: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception(message: unknown) {
    throw new TemplateFailure(String(message))
  },
  range(...bounds: unknown[]) {
    const [first = 0, second, step = 1] = bounds.map(Number)
    const [from, to] = second === undefined ? [0, first] : [first, second]
    const length = step === 0 ? Number.NaN : Math.max(0, Math.ceil((to - from) / step))
    if (!(length <= longestRange)) throw new TemplateFailure(`range(${bounds.join(', ')}) is too long`)
    return Array.from({ length }, (_, k) => from + k * step)
  },
  [stringFunction]: pythonText,
  strftime_now: (format: unknown) => formatTime(new Date(), String(format)),
}

/** Throws `TemplateFailure`. */
export function runTemplate(
  source: string,
  variables: Readonly<Record<string, unknown>>,
  seal?: Seal,
): string {
  try {
    const { parsed } = compile(source, seal)
    const environment = new Environment()
    for (const [name, value] of Object.entries({ ...variables, ...functions }))
      if (name !== 'namespace') environment.set(name, value)
    const result = withinTime(() => new Interpreter(environment).run(parsed))
    const text = String(result.value)
    if (text.length > maxCharacters) throw new TemplateFailure(`it made ${text.length} characters`)
    return text
  } catch (thrown) {
    const tookTooLong = (thrown as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    const why = tookTooLong ? `it took longer than ${maxMillis} ms` : messageOf(thrown)
    const cause = thrown instanceof TemplateFailure ? thrown.cause : thrown
    throw new TemplateFailure(seal?.cut(why).join('') ?? why, { cause, tookTooLong })
  }
}

/** Only a script of its own can be ended from outside. */
const caller: { run?: () => unknown } = createContext({})
const call = new Script('run()')

function withinTime<T>(run: () => T): T {
  caller.run = run
  try {
    return call.runInContext(caller, { timeout: maxMillis }) as T
  } finally {
    delete caller.run
  }
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Python's `strftime`, as far as templates use it; in English, as models were trained. */
export function formatTime(date: Date, format: string): string {
  const pad = (value: number): string => String(value).padStart(2, '0')
  const hour = date.getHours() % 12 || 12
  const fields: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    m: () => pad(date.getMonth() + 1),
    d: () => pad(date.getDate()),
    H: () => pad(date.getHours()),
    I: () => pad(hour),
    M: () => pad(date.getMinutes()),
    S: () => pad(date.getSeconds()),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    b: () => months[date.getMonth()]!.slice(0, 3),
    B: () => months[date.getMonth()]!,
    a: () => days[date.getDay()]!.slice(0, 3),
    A: () => days[date.getDay()]!,
    y: () => pad(date.getFullYear() % 100),
    '%': () => '%',
  }
  return format.replace(/%(.)/gs, (whole, field: string) => fields[field]?.() ?? whole)
}
