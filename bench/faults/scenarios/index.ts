/** All scenarios, in the order of the table. */

import type { Scenario } from '../scenario.ts'
import { adapters } from './adapters.ts'
import { clients } from './clients.ts'
import { clock } from './clock.ts'
import { descriptors } from './descriptors.ts'
import { failingDisks } from './failing-disks.ts'
import { memory } from './memory.ts'
import { modelFiles } from './model-files.ts'
import { processes } from './processes.ts'
import { upstreams } from './upstreams.ts'

export const scenarios: readonly Scenario[] = [
  descriptors,
  memory,
  ...failingDisks,
  clock,
  ...processes,
  ...clients,
  upstreams,
  ...modelFiles,
  adapters,
]
