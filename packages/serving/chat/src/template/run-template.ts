/** Renders a chat template. With a seal, the literals that the template compares with its input are sealed too. */

import { type RenderOptions, renderTemplate, TemplateFailure } from '@hadal/templates'
import type { Seal } from './seal.ts'

/** Throws `TemplateFailure`; its message does not contain the marks of the seal. */
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
