/** The table of checks before a service starts, and their sources. No source contains a key. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'
import { environmentSources } from '../environment/environment-checks.ts'
import { listenChecks } from './listen-checks.ts'
import { modelChecks } from './model-checks.ts'
import { settingsChecks } from './settings-checks.ts'
import { surroundingChecks } from './surrounding-checks.ts'

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
  probe('service-config', 'the settings, their validity and the values that checks use'),
  probe(
    'service-keys',
    'the number of keys, weak and duplicate ones, and where they are stored; never the keys themselves',
  ),
  probe('service-models', 'each model file: its header, and its tensors compared with its length'),
  probe('service-ports', "what listens on the service's ports"),
  probe('service-tls', 'the validity of the certificate and whether its key matches'),
  probe('service-folders', 'whether snapshotDir, journalDir and similar folders are writable'),
  probe('service-database', 'whether the key database is available'),
  probe('service-upstreams', 'whether the upstreams of models respond'),
]
