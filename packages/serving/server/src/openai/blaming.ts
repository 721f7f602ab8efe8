/** Schemas and patterns of which no grammar can be made are the fault of the field that has them. Knows no dialect. */

import { isHadalError } from '@hadal/base'

/**
 * `param` is the field of the answer's format. `toolField` is that of a tool's schema, by the tool's name; without it,
 * what the tool is called says enough.
 */
export function blaming<T>(
  param: string,
  prepare: () => T,
  toolField: (name: string) => string | undefined = () => undefined,
): T {
  try {
    return prepare()
  } catch (thrown) {
    if (!isHadalError(thrown) || !/^(schema|regex)_/.test(thrown.code)) throw thrown
    const tool = /^tools \((.*)\)$/s.exec(thrown.param ?? '')?.[1]
    const field = tool === undefined ? undefined : toolField(tool)
    throw thrown.with({ param: field ?? thrown.param ?? param })
  }
}
