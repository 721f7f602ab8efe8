/** A model's chat template, rendered on today's date. With a seal, its marks are in what the template looks for, too. */

import { type RenderOptions, renderTemplate, TemplateFailure } from '@hadal/templates'
import type { Seal } from './seal.ts'

/** Throws `TemplateFailure`, without the marks of the seal in its message. */
export function runTemplate(
  source: string,
  variables: Readonly<Record<string, unknown>>,
  seal?: Seal,
  date: RenderOptions['date'] = new Date(),
): string {
  try {
    return renderTemplate(source, variables, { date, literals: seal })
  } catch (thrown) {
    if (!(thrown instanceof TemplateFailure) || seal === undefined) throw thrown
    throw new TemplateFailure(thrown.kind, seal.cut(thrown.message).join(''), { cause: thrown })
  }
}
