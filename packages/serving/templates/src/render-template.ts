/**
 * Renders chat templates as Hugging Face's `apply_chat_template` does: Jinja with `trim_blocks`, `lstrip_blocks`, loop controls
 * and an immutable sandbox. The result depends only on template, variables and date, so training and serving render the same.
 */

import { withinLimits } from './budget.ts'
import { compile, type LiteralHook, Output, Scope } from './compile.ts'
import { globals } from './library/globals.ts'
import { parse } from './syntax/parse.ts'
import { toValue } from './values/values.ts'

type Compiled = ReturnType<typeof compile>

const maxKept = 32
const kept = new Map<string, Compiled>()

/** A bounded LRU cache of compiled templates. */
function compiled(source: string, hook: LiteralHook | undefined): Compiled {
  const key = `${hook?.key ?? ''}\n${source}`
  let template = kept.get(key)
  if (template === undefined) {
    template = compile(parse(source), hook)
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  } else kept.delete(key)
  kept.set(key, template)
  return template
}

/** Throws `TemplateFailure` of the kind `syntax` or `size` if `source` is not a valid template. */
export function checkTemplate(source: string): void {
  withinLimits(source.length, () => compiled(source, undefined))
}

export interface RenderOptions {
  /** Formatted by `strftime_now`, in local time. */
  readonly date: Date
  /** For callers that rewrite the input: applied to the literals that the template compares it with. */
  readonly literals?: LiteralHook | undefined
}

/**
 * `variables` are plain data; undefined members are absent. `tools` and `documents` default to `None`, as in
 * `apply_chat_template`. Functions such as `range` cannot be replaced. Throws `TemplateFailure`.
 */
export function renderTemplate(
  source: string,
  variables: Readonly<Record<string, unknown>>,
  { date, literals }: RenderOptions,
): string {
  return withinLimits(source.length + charactersOf(variables), () => {
    const run = compiled(source, literals)
    const scope = new Scope()
    for (const [name, data] of Object.entries({ tools: null, documents: null, ...variables })) {
      const value = toValue(data)
      if (value !== undefined) scope.set(name, value)
    }
    for (const [name, value] of globals(date)) scope.set(name, value)
    const out = new Output()
    run(new Scope(scope), out)
    return out.text()
  })
}

/** About the length of `data` as JSON. Without recursion: `data` may nest deeply. */
function charactersOf(data: unknown): number {
  let sum = 0
  const rest: unknown[] = [data]
  while (rest.length > 0) {
    const value = rest.pop()
    sum += 4
    if (typeof value === 'string') sum += value.length
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) {
        sum += key.length
        rest.push(member)
      }
  }
  return sum
}
