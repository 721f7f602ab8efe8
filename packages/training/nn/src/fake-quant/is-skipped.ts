/** Matches module names against a skip list. */

/**
 * `*` matches any characters; a named module includes its children.
 *
 * @internal
 */
export function isSkipped(module: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}(?:\\..*)?$`).test(module)
  })
}
