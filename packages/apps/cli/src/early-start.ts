/** Lets the engine's process start while the modules of `hadal serve` are still being loaded. Imports nothing else, therefore. */

import { forkEarly } from '@hadal/engine/early'

/** Help requests and invalid command lines start no engine; otherwise the unused process ends with this one. */
export function startEarly(args: readonly string[]): void {
  const [command, ...rest] = args
  if (command === 'serve' && !rest.some((flag) => flag === '--help' || flag === '-h')) forkEarly()
}
