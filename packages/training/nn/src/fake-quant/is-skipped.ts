/** Which modules a list of names leaves as they are. Knows nothing about modules. */

/**
 * `*` stands for any characters; what is in a module that is named is named, too.
 *
 * @internal
 */
export function isSkipped(module: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}(?:\\..*)?$`).test(module)
  })
}
