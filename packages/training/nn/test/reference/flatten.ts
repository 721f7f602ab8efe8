/** JSON values side by side with what a reference computes. */

/** Every value in a JSON value by its path, numbers to six digits. */
export function flatten(
  value: unknown,
  path = '',
  into: Map<string, unknown> = new Map(),
): Map<string, unknown> {
  if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) flatten(item, `${path}/${key}`, into)
  else into.set(path, typeof value === 'number' ? Number(value.toFixed(6)) : value)
  return into
}
