/** The arguments of a recipe, which are not the command's own. */

import type { Command } from 'commander'

/** Arguments after the recipe, including the `--` that commander removes. */
export function recipeArguments(program: Command, { args }: Command): string[] {
  const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] }
  const end = rawArgs.indexOf('--')
  const own = end < 0 ? [] : rawArgs.slice(end + 1)
  const flags = args.slice(1, args.length - own.length).filter((argument) => argument !== '--')
  return own.length === 0 ? flags : [...flags, '--', ...own]
}
