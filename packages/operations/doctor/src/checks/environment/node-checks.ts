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
      return notRead(capture, 'node', 'the version of Node.js')
    if (!isAtLeast(version, oldestNode))
      return {
        severity: 'error',
        says: `version ${version} is older than ${oldestNode}, which Hadal needs`,
        fix: { text: 'Install Node.js 22 or newer.', command: 'nvm install 22' },
      }
    const major = version.split('.')[0]!
    const end = nodeEnds[major]
    if (end !== undefined && takenAt > Date.parse(end))
      return {
        severity: 'note',
        says: `version ${version}: its line has had no security fixes since ${end}`,
        fix: { text: 'Install a line that is maintained.', command: 'nvm install 24' },
      }
    if (Number(major) % 2 === 1)
      return {
        severity: 'note',
        says: `version ${version}: odd lines are maintained for half a year`,
        fix: { text: 'Install an even one.', command: 'nvm install 24' },
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
        says: 'NODE_OPTIONS opens the debugger to other machines: whoever connects runs code here',
        fix: { text: 'Take --inspect out of NODE_OPTIONS.', command: 'unset NODE_OPTIONS' },
      })
    const heapMegabytes = Number(/--max[-_]old[-_]space[-_]size=(\d+)/.exec(options)?.[1])
    const limit =
      factsOf(capture, 'cgroup').number('memoryLimitBytes') ?? factsOf(capture, 'node').number('memoryBytes')
    if (heapMegabytes > 0 && limit !== undefined && heapMegabytes * 2 ** 20 > limit)
      found.push({
        severity: 'warning',
        says: `NODE_OPTIONS allows a heap of ${heapMegabytes} MiB, and there are ${Math.floor(limit / 2 ** 20)} MiB: the kernel would end the process before Node.js tidies up`,
        fix: {
          text: 'Allow half of the memory that there is; weights lie outside the heap.',
          command: `export NODE_OPTIONS=--max-old-space-size=${Math.floor(limit / 2 ** 21)}`,
        },
      })
    const preload = environment.text('LD_PRELOAD')
    if (preload !== undefined && preload !== '')
      found.push({
        severity: 'note',
        says: `LD_PRELOAD puts ${preload} into every process`,
        fix: { text: 'Where something crashes, try without it.', command: 'env -u LD_PRELOAD hadal serve' },
      })
    return found.length > 0
      ? found
      : {
          severity: 'ok',
          // Values are left out: an option may be given a key.
          says: options === '' ? 'NODE_OPTIONS says nothing' : `NODE_OPTIONS: ${namesIn(options)}`,
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
        ? { severity: 'skipped', says: 'this system has no user numbers' }
        : notRead(capture, 'node', 'the user')
    if (uid !== 0) return { severity: 'ok', says: `runs as user ${uid}` }
    return {
      severity: 'note',
      says: node.flag('isContainer') ? 'runs as root in a container' : 'runs as root',
      fix: {
        text: 'A server needs no root: run it as a user of its own. In Kubernetes `hadal deploy render` sees to that.',
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
    if (!environment.isThere) return notRead(capture, 'environment', 'the variables of proxies')
    const said = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].filter(
      (name) => (environment.text(name) ?? '') !== '',
    )
    if (said.length === 0) return { severity: 'ok', says: 'no variable names a proxy' }
    const version = factsOf(capture, 'node').text('version')?.replace(/^v/, '') ?? '0'
    const isUsed = environment.text('NODE_USE_ENV_PROXY') === '1' && isAtLeast(version, '24.0.0')
    if (!isUsed)
      return {
        severity: 'note',
        says: `${said[0]} is set, and Node.js goes past it: models are downloaded directly`,
        fix: {
          text: 'Where only the proxy leads out, use Node.js 24 or newer and say so; or download models elsewhere and serve the file.',
          command: 'export NODE_USE_ENV_PROXY=1',
        },
      }
    const spared = environment.text('NO_PROXY') ?? environment.text('no_proxy') ?? ''
    if (/(^|[,\s])(\*|localhost|127\.)/.test(spared))
      return { severity: 'ok', says: `${said[0]} is used, and not for this machine` }
    return {
      severity: 'warning',
      says: `${said[0]} is used for this machine, too: NO_PROXY does not name it, and upstreams on localhost are asked through the proxy`,
      fix: { text: 'Name this machine in NO_PROXY.', command: 'export NO_PROXY=localhost,127.0.0.1,::1' },
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
        says: `the clock says ${new Date(takenAt).toISOString().slice(0, 10)}: certificates and tokens are refused`,
        fix: { text: 'Set the clock, and keep it with NTP.', command: 'sudo timedatectl set-ntp true' },
      }
    const reading = capture.readings.timedatectl
    const isSynchronized = /^NTPSynchronized=(yes|no)\s*$/m.exec(reading?.text ?? '')?.[1]
    if (isSynchronized === 'yes') return { severity: 'ok', says: 'kept by NTP' }
    if (isSynchronized === 'no')
      return {
        severity: 'warning',
        says: 'nobody keeps the clock: it drifts, and metrics of several machines do not fit together',
        fix: { text: 'Switch NTP on.', command: 'sudo timedatectl set-ntp true' },
      }
    return {
      severity: 'skipped',
      says: 'whether somebody keeps the clock is not told here, as in every container',
    }
  },
}

export const nodeChecks: readonly Check[] = [nodeVersion, nodeOptions, user, proxies, clock]
