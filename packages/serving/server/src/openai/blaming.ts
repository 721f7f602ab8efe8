/** Attributes schema and pattern errors to the field that caused them. */

import { isHadalError } from '@hadal/base'

/**
 * A handler that throws the error again, with its field. `param` is the response format's field. `toolField` returns the field of a tool's
 * schema by tool name; without it, the tool name is enough.
 */
export function blaming(
  param: string,
  toolField: (name: string) => string | undefined = () => undefined,
): (thrown: unknown) => never {
  return (thrown) => {
    if (!isHadalError(thrown) || !/^(schema|regex)_/.test(thrown.code)) throw thrown
    const tool = /^tools \((.*)\)$/s.exec(thrown.param ?? '')?.[1]
    const field = tool === undefined ? undefined : toolField(tool)
    throw thrown.with({ param: field ?? thrown.param ?? param })
  }
}
