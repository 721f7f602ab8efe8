/** The models of the service: whether their files are there and whole, and whether they fit into memory. */

import { formatBytes, formatCount } from '@hadal/base'
import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { availableMemory } from '../environment/memory-checks.ts'
import { type Facts, factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'
import { isVerdict, settingsFor } from './settings-for.ts'

const files: Check = {
  id: 'service-models',
  group: 'service',
  title: 'Model files',
  reads: ['service-config', 'service-models'],
  source:
    'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; https://github.com/huggingface/safetensors',
  verdict(capture) {
    const settings = settingsFor(capture, 'the model files')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-models')
    const models = said.list('models')
    if (models.length === 0)
      return said.flag('isRemote') === true
        ? { severity: 'skipped', says: 'all models are served by upstreams' }
        : notRead(capture, 'service-models', 'the model files')
    return models.map(fileOf)
  },
}

/** `state` is one of whole, broken, missing, not-downloaded. */
function fileOf(model: Facts): Verdict {
  const ref = model.text('ref') ?? 'a model'
  const bytes = model.number('bytes')
  const detail = model.text('detail')
  switch (model.text('state')) {
    case 'whole': {
      const parts = [
        bytes === undefined ? '' : formatBytes(bytes),
        model.text('kind') ?? '',
        count(model.number('tensors'), 'tensors'),
        count(model.number('parameters'), 'parameters'),
      ]
      return { severity: 'ok', says: `${ref}: whole (${parts.filter((part) => part !== '').join(', ')})` }
    }
    case 'not-downloaded':
      return model.flag('offline') === true
        ? {
            severity: 'error',
            says: `${ref} is not on this machine, and \`offline\` is set`,
            fix: {
              text: 'Download it on a machine with network access.',
              command: `hadal models pull ${shellWord(ref)}`,
            },
          }
        : {
            severity: 'note',
            says: `${ref} is not on this machine yet: the first start downloads it`,
            fix: { text: 'Download it now.', command: `hadal models pull ${shellWord(ref)}` },
          }
    case 'missing':
      return {
        severity: 'error',
        says: detail ?? `${ref} does not exist`,
        fix: { text: model.text('help') ?? 'Check the path.', command: 'hadal models list' },
      }
    case 'broken':
      return {
        severity: 'error',
        says: detail ?? `${ref} cannot be read`,
        fix: /^(hf:|https?:)/i.test(ref)
          ? { text: 'Download it again.', command: `hadal models pull ${shellWord(ref)} --verify` }
          : {
              text: model.text('help') ?? 'Copy or convert it again and compare checksums.',
              command: `sha256sum ${shellWord(model.text('path') ?? ref)}`,
            },
      }
    default:
      return {
        severity: 'unknown',
        says: `${ref}: ${detail ?? 'its file was not read'}`,
        fix: { text: 'Inspect it manually.', command: `hadal models inspect ${shellWord(ref)}` },
      }
  }
}

const count = (given: number | undefined, what: string): string =>
  given === undefined ? '' : `${formatCount(given)} ${what}`

const memory: Check = {
  id: 'service-memory',
  group: 'service',
  title: 'Memory for models',
  reads: ['service-config', 'service-models', 'proc-meminfo', 'cgroup', 'node', 'nvidia-smi-list'],
  source: 'docs/memory.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the memory use of the models')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-models')
    const models = said.list('models').filter((model) => model.text('state') === 'whole')
    if (said.flag('isRemote') === true)
      return { severity: 'skipped', says: 'all models are served by upstreams' }
    const free = availableMemory(capture)
    if (said.list('models').length === 0) return notRead(capture, 'service-models', 'the sizes of the models')
    if (models.length === 0) return { severity: 'skipped', says: 'no complete model is on this machine' }
    if (free === undefined) return notRead(capture, 'proc-meminfo', 'available memory')
    // Loaded at the start; other models evict each other.
    const loaded = models.filter((model) => model.flag('isLoadedAtStart') !== false)
    const counted = loaded.length > 0 ? loaded : models.slice(0, 1)
    const weights = sum(counted, 'bytes')
    const cells = sum(counted, 'kvBytes')
    const need = weights + cells
    const about = `weights ${formatBytes(weights)}${cells > 0 ? ` and KV cache ${formatBytes(cells)}` : ''}, ${formatBytes(free)} available`
    if (said.flag('hasGpu') === true)
      return { severity: 'ok', says: `${about}; layers on a GPU do not count` }
    if (weights > free && /^GPU \d+:/m.test(textOf(capture, 'nvidia-smi-list') ?? ''))
      return {
        severity: 'warning',
        says: `models fit only with GPU offload: ${about}`,
        fix: {
          text: 'Check that llama.cpp was built with CUDA and that GPU memory is sufficient.',
          command: 'hadal doctor gpu',
        },
      }
    if (need > free)
      return {
        severity: weights > free ? 'error' : 'warning',
        says:
          weights > free ? `models do not fit: ${about}` : `little memory is left for the KV cache: ${about}`,
        fix: {
          text: 'Use a smaller quantization, a shorter context, or a machine with more memory.',
          command: 'hadal serve --context-length 4096',
        },
      }
    if (need > 0.85 * free)
      return {
        severity: 'note',
        says: `models barely fit: ${about}`,
        fix: {
          text: 'Set a memory budget for all models.',
          command: `hadal serve --memory-budget ${Math.floor((0.85 * free) / 2 ** 20)}MiB`,
        },
      }
    return { severity: 'ok', says: about }
  },
}

const sum = (models: readonly Facts[], key: string): number =>
  models.reduce((bytes, model) => bytes + Math.max(0, model.number(key) ?? 0), 0)

export const modelChecks: readonly Check[] = [files, memory]
