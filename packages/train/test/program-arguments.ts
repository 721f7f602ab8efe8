/** How node starts a program beside these tests. */

import { programEntry } from '@hadal/base'

/** The package is loaded before tsx, which would look at each of its modules: that takes as long as many of these runs. */
const packageFirst = ['--import', import.meta.resolve('@hadal/train')]

/** `programArguments('tiny-program')` */
export function programArguments(name: string): string[] {
  const { path, execArgv } = programEntry(import.meta.url, `./${name}`)
  return [...packageFirst, ...execArgv, path]
}
