/** Checks of Node.js: version, flags, user, and proxies. */

import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead } from '../facts.ts'
import { isAtLeast } from './proc-texts.ts'

/** `engines` of Hadal's packages. */
const oldestNode = '20.19.0'

/** Until when each line gets security fixes. */
const nodeEnds: Readonly<Record<string, string>> = {
  18: '2025-04-30',
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
}

const nodeVersion: Check = {
  id: 'environment-node-version',
  group: 'environment',
  title: 'Node.js',
  reads: ['node'],
  source: 'https://nodejs.org/en/about/previous-releases',
  verdict(capture, { takenAt }): Verdict {
    const version = factsOf(capture, 'node').text('version')?.replace(/^v/, '')
    if (version === undefined || !/^\d+\.\d+\.\d+/.test(version))
      return notRead(capture, 'node', 'the Node.js version')
    if (!isAtLeast(version, oldestNode))
      return {
        severity: 'error',
        says: `version ${version} is too old: Hadal needs ${oldestNode} or newer`,
        fix: { text: 'Install Node.js 22 or newer.', command: 'nvm install 22' },
      }
    const major = version.split('.')[0]!
    const end = nodeEnds[major]
    if (end !== undefined && takenAt > Date.parse(end))
      return {
        severity: 'note',
        says: `version ${version}: its release line has had no security fixes since ${end}`,
        fix: { text: 'Install a maintained release.', command: 'nvm install 24' },
      }
    if (Number(major) % 2 === 1)
      return {
        severity: 'note',
        says: `version ${version}: odd-numbered releases are maintained for only half a year`,
        fix: { text: 'Install an even-numbered (LTS) release.', command: 'nvm install 24' },
      }
    return { severity: 'ok', says: `version ${version}` }
  },
}

const nodeOptions: Check = {
  id: 'environment-node-options',
  group: 'environment',
  title: 'Node.js options',
  reads: ['environment', 'cgroup', 'node'],
  source: 'https://nodejs.org/api/cli.html#node_optionsoptions',
  verdict(capture) {
    const environment = factsOf(capture, 'environment')
    if (!environment.isThere) return notRead(capture, 'environment', 'NODE_OPTIONS')
    const options = environment.text('NODE_OPTIONS') ?? ''
    const found: Verdict[] = []
    if (/--inspect(-brk)?(=(\[::\]|0\.0\.0\.0)|\b.*--inspect-port=0\.0\.0\.0)/.test(options))
      found.push({
        severity: 'error',
        says: 'NODE_OPTIONS exposes the debugger to other machines: anyone who connects can run code',
        fix: { text: 'Remove --inspect from NODE_OPTIONS.', command: 'unset NODE_OPTIONS' },
      })
    const heapMegabytes = Number(/--max[-_]old[-_]space[-_]size=(\d+)/.exec(options)?.[1])
    const limit =
      factsOf(capture, 'cgroup').number('memoryLimitBytes') ?? factsOf(capture, 'node').number('memoryBytes')
    if (heapMegabytes > 0 && limit !== undefined && heapMegabytes * 2 ** 20 > limit)
      found.push({
        severity: 'warning',
        says: `NODE_OPTIONS allows a heap of ${heapMegabytes} MiB, but only ${Math.floor(limit / 2 ** 20)} MiB exist: the kernel would kill the process before Node.js collects garbage`,
        fix: {
          text: 'Set the heap to half of the memory. Weights are outside the heap.',
          command: `export NODE_OPTIONS=--max-old-space-size=${Math.floor(limit / 2 ** 21)}`,
        },
      })
    const preload = environment.text('LD_PRELOAD')
    if (preload !== undefined && preload !== '')
      found.push({
        severity: 'note',
        says: `LD_PRELOAD loads ${preload} into every process`,
        fix: { text: 'If processes crash, try without it.', command: 'env -u LD_PRELOAD hadal serve' },
      })
    return found.length > 0
      ? found
      : {
          severity: 'ok',
          // Values are left out: an option may be given a key.
          says:
            options === ''
              ? 'NODE_OPTIONS is not set or has no risky options'
              : `NODE_OPTIONS: ${namesIn(options)}`,
        }
  },
}

const namesIn = (options: string): string =>
  options
    .slice(0, 1000)
    .split(/\s+/)
    .flatMap((word) => /^--?[\w-]+/.exec(word)?.[0] ?? [])
    .join(' ')

const user: Check = {
  id: 'environment-user',
  group: 'environment',
  title: 'User',
  reads: ['node'],
  verdict(capture): Verdict {
    const node = factsOf(capture, 'node')
    const uid = node.number('uid')
    if (uid === undefined)
      return node.isThere
        ? { severity: 'skipped', says: 'this system has no user ids' }
        : notRead(capture, 'node', 'the user')
    if (uid !== 0) return { severity: 'ok', says: `runs as user ${uid}` }
    return {
      severity: 'note',
      says: node.flag('isContainer') ? 'runs as root in a container' : 'runs as root',
      fix: {
        text: 'The server does not need root. Run it as a dedicated user. In Kubernetes, `hadal deploy render` sets this.',
        command: 'sudo -u hadal hadal serve',
      },
    }
  },
}

const proxies: Check = {
  id: 'environment-proxy',
  group: 'environment',
  title: 'Proxies',
  reads: ['environment', 'node'],
  source: 'https://nodejs.org/api/cli.html#node_use_env_proxy1',
  verdict(capture): Verdict {
    const environment = factsOf(capture, 'environment')
    if (!environment.isThere) return notRead(capture, 'environment', 'the proxy variables')
    const said = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].filter(
      (name) => (environment.text(name) ?? '') !== '',
    )
    if (said.length === 0) return { severity: 'ok', says: 'no proxy variable is set' }
    const version = factsOf(capture, 'node').text('version')?.replace(/^v/, '') ?? '0'
    const isUsed = environment.text('NODE_USE_ENV_PROXY') === '1' && isAtLeast(version, '24.0.0')
    if (!isUsed)
      return {
        severity: 'note',
        says: `${said[0]} is set, but Node.js ignores it: models are downloaded directly`,
        fix: {
          text: 'If the proxy is the only way out, use Node.js 24 or newer with NODE_USE_ENV_PROXY=1, or download models elsewhere and serve the file.',
          command: 'export NODE_USE_ENV_PROXY=1',
        },
      }
    const spared = environment.text('NO_PROXY') ?? environment.text('no_proxy') ?? ''
    if (/(^|[,\s])(\*|localhost|127\.)/.test(spared))
      return { severity: 'ok', says: `${said[0]} is used, except for this machine` }
    return {
      severity: 'warning',
      says: `${said[0]} also applies to this machine: NO_PROXY does not list it, so requests to upstreams on localhost go through the proxy`,
      fix: { text: 'Add this machine to NO_PROXY.', command: 'export NO_PROXY=localhost,127.0.0.1,::1' },
    }
  },
}

/** No capture is older than the doctor. */
const firstTimeAtAll = Date.parse('2025-01-01')

const clock: Check = {
  id: 'environment-clock',
  group: 'environment',
  title: 'Clock',
  reads: ['timedatectl'],
  source: 'timedatectl(1)',
  verdict(capture, { takenAt }): Verdict {
    if (takenAt < firstTimeAtAll)
      return {
        severity: 'error',
        says: `the clock is set to ${new Date(takenAt).toISOString().slice(0, 10)}: certificates and tokens are rejected`,
        fix: { text: 'Set the clock and enable NTP.', command: 'sudo timedatectl set-ntp true' },
      }
    const reading = capture.readings.timedatectl
    const isSynchronized = /^NTPSynchronized=(yes|no)\s*$/m.exec(reading?.text ?? '')?.[1]
    if (isSynchronized === 'yes') return { severity: 'ok', says: 'synchronized by NTP' }
    if (isSynchronized === 'no')
      return {
        severity: 'warning',
        says: 'NTP is off: the clock drifts, and metrics of several machines do not line up',
        fix: { text: 'Enable NTP.', command: 'sudo timedatectl set-ntp true' },
      }
    return {
      severity: 'skipped',
      says: 'NTP synchronization is not visible in a container',
    }
  },
}

export const nodeChecks: readonly Check[] = [nodeVersion, nodeOptions, user, proxies, clock]
