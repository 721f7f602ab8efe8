/** Probes by the names of their sources. */

import type { Service } from '@hadal/config'
import { defaultCacheDir } from '@hadal/engine'
import type { Terminal } from '@hadal/output'
import type { Probe } from '../take-capture.ts'
import { probeCgroup } from './cgroup.ts'
import { probeDisks, usualPlaces } from './disks.ts'
import { probeLibtorch, probeLlama } from './libraries.ts'
import { probeBlas, probeEnvironment, probeNode } from './machine.ts'
import { probeDatabase, probeFolders, probeUpstreams } from './service-beside.ts'
import { probePorts, probeTls } from './service-listening.ts'
import { probeModels } from './service-models.ts'
import { describeKeys, describeSettings, describeSlo, type LoadedService } from './service-settings.ts'

export function allProbes(
  loaded: () => Promise<LoadedService>,
  terminal: Terminal,
): Readonly<Record<string, Probe>> {
  /** Undefined if the settings are invalid: `service-config` reports it. */
  const ofService =
    (probe: (service: Service, signal: AbortSignal) => Promise<unknown>): Probe =>
    async (signal) => {
      const { settings } = await loaded()
      return settings === undefined ? undefined : probe(settings.values, signal)
    }
  return {
    node: probeNode,
    cgroup: () => probeCgroup(),
    environment: probeEnvironment(terminal),
    blas: probeBlas,
    disks: async () => {
      const cacheDir = (await loaded()).settings?.values.cacheDir ?? terminal.env.HADAL_CACHE_DIR
      return probeDisks(usualPlaces(cacheDir || defaultCacheDir(terminal.env), terminal.folder))
    },
    llama: probeLlama,
    libtorch: probeLibtorch(terminal),
    'service-config': async () => describeSettings(await loaded()),
    'service-keys': async () => describeKeys(await loaded(), terminal.folder),
    'service-slo': async () => describeSlo(await loaded()),
    'service-models': async () => probeModels(await loaded(), terminal),
    'service-ports': ofService(probePorts),
    'service-tls': ofService((service) => probeTls(service, terminal)),
    'service-folders': ofService((service) => probeFolders(service, terminal)),
    'service-database': ofService((service) => probeDatabase(service, terminal)),
    'service-upstreams': ofService((service, signal) => probeUpstreams(service, terminal, signal)),
  }
}
