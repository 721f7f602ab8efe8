/** The table of checks before a service starts, and their sources. No source contains a key. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'
import { environmentSources } from '../environment/environment-checks.ts'
import { surroundingChecks } from './surrounding-checks.ts'
import { listenChecks } from './listen-checks.ts'
import { modelChecks } from './model-checks.ts'
import { settingsChecks } from './settings-checks.ts'

export const serviceChecks: readonly Check[] = [
  ...settingsChecks,
  ...modelChecks,
  ...listenChecks,
  ...surroundingChecks,
]

const probe = (name: string, about: string): Source => ({ name, about, read: { kind: 'probe' } })

const shared = ['node', 'cgroup', 'proc-meminfo', 'proc-limits']

export const serviceSources: readonly Source[] = [
  ...environmentSources.filter(({ name }) => shared.includes(name)),
  probe('service-config', 'whether the settings are right, and those of them that checks go by'),
  probe(
    'service-keys',
    'how many keys there are, which are weak or used twice, and where they stand; none of them',
  ),
  probe('service-models', 'each model’s file, its header read and its tensors held against its length'),
  probe('service-ports', 'who listens where the service would'),
  probe('service-tls', 'until when the certificate holds, and whether the key is its own'),
  probe('service-folders', 'whether snapshotDir, journalDir and the like can be written'),
  probe('service-database', 'whether the database of keys is there'),
  probe('service-upstreams', 'whether the servers answer that models live in'),
]
