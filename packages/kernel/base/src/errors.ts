/**
 * User-facing errors. Each is declared once with `defineError`: a stable code, the HTTP status for clients, a message that
 * contains the offending value, and the next step. `docs/errors.md` is generated from this registry.
 */

export interface ErrorSpec<Args extends readonly unknown[]> {
  /** Stable, lower_snake_case; the same string in logs, exit reports and HTTP bodies. */
  readonly code: string
  /** HTTP status when the error reaches a client of the server. */
  readonly status: number
  /** For docs/errors.md: what happened and why. */
  readonly when: string
  /** Must contain the offending value. */
  readonly message: (...args: Args) => string
  /** The next step. A function if it depends on the values. */
  readonly help: string | ((...args: Args) => string)
  /** The next step in docs/errors.md. Required where `help` is a function with branches. */
  readonly docsHelp?: string
  /** The numbers in the message, for programs. */
  readonly facts?: (...args: Args) => ErrorFacts
}

export type ErrorFacts = Readonly<Record<string, number>>

export interface HadalErrorFields {
  readonly code: string
  readonly status: number
  readonly help: string
  readonly cause?: unknown
  readonly retryAfterSeconds?: number | undefined
  /** The offending request field or option, as the user spells it. */
  readonly param?: string | undefined
  readonly facts?: ErrorFacts | undefined
}

/** @internal */
export interface HadalErrorWire extends HadalErrorFields {
  readonly message: string
  /** The arguments of the error, if short and plain. */
  readonly args?: readonly unknown[]
}

/**
 * A user-facing error: a stable code, a message with the offending value, and the next step.
 *
 * @example
 * ```ts
 * import { HadalError, parseBytes } from '@hadal/base'
 *
 * try {
 *   parseBytes('much')
 * } catch (error) {
 *   if (error instanceof HadalError) console.error(`error[${error.code}]: ${error.message}\n${error.help}`)
 * }
 * ```
 */
export class HadalError extends Error {
  readonly code: string
  readonly status: number
  readonly help: string
  readonly retryAfterSeconds: number | undefined
  readonly param: string | undefined
  readonly facts: ErrorFacts | undefined

  constructor(message: string, fields: HadalErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'HadalError'
    this.code = fields.code
    this.status = fields.status
    this.help = fields.help
    this.retryAfterSeconds = fields.retryAfterSeconds
    this.param = fields.param
    this.facts = fields.facts
  }

  /** Adds context that only the throwing code has; returns a new error and keeps this one's stack. */
  with(extra: { cause?: unknown; retryAfterSeconds?: number; param?: string }): HadalError {
    // Formatting a stack takes longer than everything else about an error, and most are never read.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    const copy = new HadalError(this.message, { ...this.fields(), ...extra })
    Error.stackTraceLimit = stackTraceLimit
    keepArguments(copy, argumentsOf(this))
    Object.defineProperty(copy, 'stack', { configurable: true, get: () => this.stack })
    return copy
  }

  /** For logs and reports. */
  toJSON(): HadalErrorWire {
    const { cause: _, ...fields } = this.fields()
    return { message: this.message, ...fields }
  }

  /** A plain object for another of our processes; `HadalError.revive` is the inverse. @internal */
  toWire(): HadalErrorWire {
    const args = argumentsOf(this)
    return { ...this.toJSON(), ...(args?.every(isPlain) && { args }) }
  }

  static revive(wire: HadalErrorWire): HadalError {
    const error = new HadalError(wire.message, wire)
    keepArguments(error, wire.args)
    return error
  }

  private fields(): HadalErrorFields {
    const { code, status, help, cause, retryAfterSeconds, param, facts } = this
    return { code, status, help, cause, retryAfterSeconds, param, facts }
  }
}

export type ErrorMaker<Args extends readonly unknown[]> = ((...args: Args) => HadalError) & {
  readonly spec: ErrorSpec<Args>
}

const registry = new Map<string, ErrorSpec<never>>()

/**
 * Declares an error. Throws when another error has the code, or when the code is not lower_snake_case.
 *
 * @example
 * ```ts
 * import { defineError } from '@hadal/base'
 *
 * const tooHot = defineError({
 *   code: 'oven_too_hot',
 *   status: 400,
 *   when: 'The oven temperature is above its limit.',
 *   message: (degrees: number) => `${degrees} degrees exceed the limit of the oven`,
 *   help: 'Set it to 250 or less.',
 * })
 * tooHot(300).message // → '300 degrees exceed the limit of the oven'
 * ```
 */
export function defineError<Args extends readonly unknown[]>(spec: ErrorSpec<Args>): ErrorMaker<Args> {
  if (!/^[a-z][a-z0-9_]*$/.test(spec.code)) throw new Error(`error code ${spec.code} is not lower_snake_case`)
  // A module that a program loads twice, for example because of a bundler, declares its errors twice.
  const taken = registry.get(spec.code)
  if (taken !== undefined && taken.when !== spec.when)
    throw new Error(`error code ${spec.code} is declared twice, for: ${taken.when} And for: ${spec.when}`)
  registry.set(spec.code, spec)
  const make = (...args: Args): HadalError => {
    const error = new HadalError(spec.message(...args), {
      code: spec.code,
      status: spec.status,
      help: typeof spec.help === 'string' ? spec.help : spec.help(...args),
      facts: spec.facts?.(...args),
    })
    keepArguments(error, args)
    Error.captureStackTrace?.(error, make)
    return error
  }
  return Object.assign(make, { spec })
}

/** Shared by all copies of this module. */
const argumentsKey = Symbol.for('hadal.error.arguments')

/** Non-enumerable: invisible when an error is printed or compared. */
function keepArguments(error: HadalError, args: readonly unknown[] | undefined): void {
  if (args !== undefined) Object.defineProperty(error, argumentsKey, { value: args })
}

/**
 * The arguments of an error, for translation. Undefined for an error without a declaration.
 *
 * @internal
 */
export function argumentsOf(error: HadalError): readonly unknown[] | undefined {
  return (error as { readonly [argumentsKey]?: readonly unknown[] })[argumentsKey]
}

const maxItems = 32
/** Whether it is small and survives JSON unchanged. */
const isPlain = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (Array.isArray(value) && value.length <= maxItems && value.every((item) => typeof item === 'string'))

/**
 * All errors declared by the modules loaded so far, by code.
 *
 * @internal
 */
export function declaredErrors(): readonly ErrorSpec<never>[] {
  return [...registry.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

/**
 * Also recognises errors of another copy of this package: modules that a loader treats as CommonJS have their own.
 *
 * @example
 * ```ts
 * import { isHadalError } from '@hadal/base'
 *
 * const error: unknown = await Promise.reject(new Error('not ours')).catch((thrown) => thrown)
 * isHadalError(error) // → false
 * ```
 */
export function isHadalError(value: unknown): value is HadalError {
  if (value instanceof HadalError) return true
  if (!(value instanceof Error) || value.name !== 'HadalError') return false
  const { code, help } = value as Partial<HadalErrorFields>
  return typeof code === 'string' && typeof help === 'string'
}

/**
 * The message of any thrown value.
 *
 * @example
 * ```ts
 * import { messageOf } from '@hadal/base'
 *
 * messageOf(new Error('disk full')) // → 'disk full'
 * messageOf('thrown as a text') // → 'thrown as a text'
 * ```
 */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
