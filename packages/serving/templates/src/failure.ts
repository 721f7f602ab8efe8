/** Why a template gives no text. */

/**
 * - `syntax`: the template is not Jinja, or uses a part of Jinja that chat templates have no use for.
 * - `raised`: the template called `raise_exception`.
 * - `runtime`: an operation failed, as it does in Python: an undefined variable, a wrong type, an unsafe attribute.
 * - `size`: the template makes more text or longer lists than `limits` allows, or nests too deeply.
 * - `time`: the template exceeded the time limit.
 */
export type FailureKind = 'syntax' | 'raised' | 'runtime' | 'size' | 'time'

/** The message is the template's own for `raised`. */
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

/** Python's `TypeError`, `UndefinedError` and the like. */
export function runtimeFailure(message: string): TemplateFailure {
  return new TemplateFailure('runtime', message)
}
