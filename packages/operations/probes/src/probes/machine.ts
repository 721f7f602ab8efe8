/** Reads this machine's facts from Node.js and the environment. */

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { arch, availableParallelism, cpus, freemem, platform, totalmem } from 'node:os'
import { redactText } from '@hadal/config'
import type { Terminal } from '@hadal/output'

export async function probeNode(): Promise<object> {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  return {
    version: process.version,
    abi: process.versions.modules,
    platform: platform(),
    arch: arch(),
    glibc: report?.header?.glibcVersionRuntime,
    processors: cpus().length,
    availableProcessors: availableParallelism(),
    physicalCores: physicalCores(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    uid: process.getuid?.(),
    isContainer: isContainer(),
  }
}

/** Whatever the quota: two threads of one core count once. Undefined where the system does not say. */
function physicalCores(root = '/sys/devices/system/cpu'): number | undefined {
  try {
    const siblings = readdirSync(root)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${root}/${name}/topology/thread_siblings_list`, 'utf8').trim())
    return siblings.length === 0 ? undefined : new Set(siblings).size
  } catch {
    return undefined
  }
}

const isContainer = (): boolean =>
  existsSync('/.dockerenv') ||
  existsSync('/run/.containerenv') ||
  process.env.KUBERNETES_SERVICE_HOST !== undefined

/** Those that checks read, and no others: variables are where secrets are. */
const readVariables = [
  'OMP_NUM_THREADS',
  'OMP_PROC_BIND',
  'OMP_PLACES',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'GOMP_CPU_AFFINITY',
  'NODE_OPTIONS',
  'NODE_USE_ENV_PROXY',
  'LD_PRELOAD',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
]

export const probeEnvironment =
  ({ env }: Pick<Terminal, 'env'>) =>
  async (): Promise<object> =>
    Object.fromEntries(
      readVariables.flatMap((name) => {
        const value = env[name]
        return value === undefined ? [] : [[name, redactText(value)]]
      }),
    )

/** Where the loader finds it on Debian and its kin, and on Fedora and its own. */
const blasPlaces = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']

/** Undefined where the system has none. */
export async function probeBlas(): Promise<object | undefined> {
  for (const folder of blasPlaces)
    if (existsSync(`${folder}/libblas.so.3`)) return { library: realpathSync(`${folder}/libblas.so.3`) }
  return undefined
}
