/** The difference of two JSON values as a JSON Patch (RFC 6902). */

import { isPlainObject } from '@hadal/base'

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/**
 * What turns `before` into `after`, in the order in which it is done. Lists of the same length are compared place by place,
 * others are replaced whole. Fields that are undefined are taken for missing.
 */
export function jsonPatch(before: unknown, after: unknown, path = ''): readonly PatchOperation[] {
  if (isList(before) && isList(after) && before.length === after.length)
    return before.flatMap((each, at) => jsonPatch(each, after[at], `${path}/${at}`))
  if (isPlainObject(before) && isPlainObject(after)) return objectPatch(before, after, path)
  return before === after ? [] : [{ op: 'replace', path, value: after }]
}

type Fields = Readonly<Record<string, unknown>>

function objectPatch(before: Fields, after: Fields, path: string): readonly PatchOperation[] {
  const has = (fields: Fields, key: string): boolean =>
    Object.hasOwn(fields, key) && fields[key] !== undefined
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((key): readonly PatchOperation[] => {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!has(after, key)) return has(before, key) ? [{ op: 'remove', path: place }] : []
    if (!has(before, key)) return [{ op: 'add', path: place, value: after[key] }]
    return jsonPatch(before[key], after[key], place)
  })
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
