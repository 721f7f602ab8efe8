/** Errors of parsing and rendering a template. */

/**
 * - `syntax`: the template is not Jinja, or uses an unsupported part of Jinja.
 * - `raised`: the template called `raise_exception`.
 * - `runtime`: an operation that fails in Python as well: an undefined variable, a wrong type, an unsafe attribute.
 * - `size`: the template creates more text or longer lists than `limitsFor` allows, or nests too deeply.
 * - `time`: the template exceeded the limit of steps or of time.
 * - `interrupted`: a limit of `withinMillis` is reached; without it, the template may succeed.
 */
export type FailureKind = 'syntax' | 'raised' | 'runtime' | 'size' | 'time' | 'interrupted'

/** For `raised`, the message is the template's. */
export class TemplateFailure extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

export function syntaxFailure(message: string, line: number): TemplateFailure {
  return new TemplateFailure('syntax', `line ${line}: ${message}`)
}

/** Corresponds to Python's `TypeError`, Jinja's `UndefinedError` and similar. */
export function runtimeFailure(message: string): TemplateFailure {
  return new TemplateFailure('runtime', message)
}
