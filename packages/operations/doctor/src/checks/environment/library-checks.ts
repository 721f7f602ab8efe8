/** Checks of native dependencies: glibc, llama.cpp, libtorch. Each is tested in a separate process. */

import { formatMillis } from '@hadal/base'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead } from '../facts.ts'
import { isAtLeast } from './proc-texts.ts'

/** The newest symbol that the prebuilt llama.cpp asks for (`objdump -T`). */
const oldestGlibc = '2.34'

const glibc: Check = {
  id: 'environment-glibc',
  group: 'environment',
  title: 'glibc',
  reads: ['node'],
  source: 'objdump -T of @node-llama-cpp/linux-x64 3.21.1',
  verdict(capture): Verdict {
    const node = factsOf(capture, 'node')
    if (!node.isThere) return notRead(capture, 'node', 'the version of glibc')
    if (node.text('platform') !== 'linux') return { severity: 'skipped', says: 'glibc exists only on Linux' }
    const version = node.text('glibc')
    if (version === undefined)
      return {
        severity: 'error',
        says: 'this Node.js uses musl (as in Alpine), not glibc: the prebuilt llama.cpp does not load',
        fix: { text: 'Use a glibc-based image.', command: 'docker run node:22-bookworm-slim ...' },
      }
    return isAtLeast(version, oldestGlibc)
      ? { severity: 'ok', says: version }
      : {
          severity: 'error',
          says: `glibc ${version} is older than ${oldestGlibc}, which the prebuilt llama.cpp needs`,
          fix: {
            text: 'Use Debian 12, Ubuntu 22.04, RHEL 9 or newer, or a container of one of them.',
            command: 'docker run node:22-bookworm-slim ...',
          },
        }
  },
}

const llama: Check = {
  id: 'environment-llama',
  group: 'environment',
  title: 'llama.cpp',
  reads: ['llama'],
  verdict(capture): Verdict {
    const tried = factsOf(capture, 'llama')
    if (!tried.isThere) return notRead(capture, 'llama', 'the llama.cpp library')
    const issue = tried.text('fault')
    if (issue !== undefined)
      return {
        severity: 'error',
        says: `llama.cpp cannot be loaded: ${issue}`,
        fix: { text: tried.text('help') ?? 'Reinstall the packages.', command: 'npm install' },
      }
    const millis = tried.number('millis')
    const tokens = tried.number('tokens')
    if (millis === undefined || tokens === undefined || tokens < 1)
      return notRead(capture, 'llama', 'the llama.cpp self-test')
    return {
      severity: 'ok',
      says: `${tried.text('model') ?? 'a small model'} loaded and generated ${tokens === 1 ? 'a token' : `${tokens} tokens`} in ${formatMillis(millis)}`,
      evidence: tried.texts('choices'),
    }
  },
}

const libtorch: Check = {
  id: 'environment-libtorch',
  group: 'environment',
  title: 'libtorch',
  reads: ['libtorch'],
  verdict(capture): Verdict {
    const reading = capture.readings.libtorch
    if (reading !== undefined && 'failed' in reading && reading.failed === 'absent')
      return {
        severity: 'skipped',
        says: 'the tensor addon is not built; only training and CLIP models need it',
      }
    const tried = factsOf(capture, 'libtorch')
    if (!tried.isThere) return notRead(capture, 'libtorch', 'the libtorch library')
    const issue = tried.text('fault')
    if (issue !== undefined)
      return /^tensor_(libtorch_not_found|addon_not_built)$/.test(tried.text('code') ?? '')
        ? {
            severity: 'skipped',
            says: 'the tensor addon is not built; only training and CLIP models need it',
          }
        : {
            severity: 'error',
            says: `libtorch cannot be loaded: ${issue}`,
            fix: {
              text: tried.text('help') ?? 'Rebuild the addon against the installed libtorch.',
              command: 'npm run build',
            },
          }
    const version = tried.text('version')
    if (version === undefined || tried.number('sum') !== 6)
      return notRead(capture, 'libtorch', 'the libtorch self-test')
    return {
      severity: 'ok',
      says: `${version}, ${tried.number('threads') ?? '?'} threads, ${tried.flag('cuda') ? 'with CUDA' : 'CPU only'}`,
      evidence: [tried.text('blas') ?? ''].filter((line) => line !== ''),
    }
  },
}

export const libraryChecks: readonly Check[] = [glibc, llama, libtorch]
