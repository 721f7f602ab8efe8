/** Parses a model reference. Pure: accesses neither disk nor network. */

import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { modelRefInvalid } from './errors.ts'

export interface HubRef {
  readonly kind: 'hub'
  /** `owner/name`. */
  readonly repo: string
  readonly revision: string
  /** A quantization such as `Q4_K_M`, */
  readonly quant?: string
  /** or the file itself, */
  readonly file?: string
  /** or the checkpoint: `:safetensors` in place of a quantization. */
  readonly format?: 'safetensors'
}

export interface UrlRef {
  readonly kind: 'url'
  /** Without the fragment. */
  readonly url: string
  /** From the fragment `#sha256=...`. */
  readonly sha256?: string
}

export interface PathRef {
  readonly kind: 'path'
  readonly path: string
}

export type ModelRef = HubRef | UrlRef | PathRef

const part = '[A-Za-z0-9][\\w.-]*'
const repoPattern = new RegExp(`^${part}/${part}$`)
const revisionPattern = /^[\w./-]+$/
const hubPattern = new RegExp(`^(${part}/${part})(?:@([\\w./-]+?))?(?::([\\w.-]+)|/(.+\\.gguf))?$`, 'i')

/** Throws `model_ref_invalid`. */
export function parseModelRef(ref: string): ModelRef {
  if (ref.trim() === '') throw modelRefInvalid(ref, 'it is empty')
  if (/^hf:/i.test(ref)) return parseHub(ref)
  if (/^https?:/i.test(ref)) return parseUrl(ref)
  if (/^file:/i.test(ref)) return { kind: 'path', path: legible(ref, () => fileURLToPath(ref)) }
  return { kind: 'path', path: ref }
}

function parseHub(ref: string): HubRef {
  const match = hubPattern.exec(ref.slice(3))
  if (match === null) {
    const why = /\.safetensors$/i.test(ref)
      ? 'weights for training come with their whole checkpoint, as hf:owner/repo:safetensors'
      : 'after hf: an owner, a slash and a repository are expected'
    throw modelRefInvalid(ref, why)
  }
  const [, repo, revision = 'main', quant, file] = match
  return checked(ref, {
    kind: 'hub',
    repo: repo!,
    revision,
    ...(/^safetensors$/i.test(quant ?? '') ? { format: 'safetensors' } : quant !== undefined && { quant }),
    ...(file !== undefined && { file }),
  })
}

/** Validated because the repository becomes a folder of the cache. */
function checked(ref: string, hub: HubRef): HubRef {
  if (!repoPattern.test(hub.repo))
    throw modelRefInvalid(ref, 'its owner or repository has an impossible name')
  if (!revisionPattern.test(hub.revision)) throw modelRefInvalid(ref, 'its revision has an impossible name')
  if (`${hub.revision}/${hub.file}`.split(/[/\\]/).includes('..'))
    throw modelRefInvalid(ref, 'a revision, or a file in a repository, has no .. in its path')
  return hub
}

function parseUrl(ref: string): HubRef | UrlRef {
  if (!URL.canParse(ref)) throw modelRefInvalid(ref, 'the URL is malformed')
  const url = new URL(ref)
  legible(ref, () => decodeURIComponent(url.pathname))
  const page = /^\/([^/]+\/[^/]+)\/(?:blob|resolve)\/([^/]+)\/(.+\.gguf)$/.exec(url.pathname)
  if (page !== null && /^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(url.hostname)) {
    const [, repo, revision, file] = page.map(decodeURIComponent)
    return checked(ref, { kind: 'hub', repo: repo!, revision: revision!, file: file! })
  }
  const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1]?.toLowerCase()
  if (url.hash !== '' && sha256 === undefined)
    throw modelRefInvalid(ref, 'the only fragment understood is #sha256= with 64 hexadecimal digits')
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && sha256 === undefined && !isLocal)
    throw modelRefInvalid(ref, 'over plain http a checksum is needed: add #sha256= and the digits')
  url.hash = ''
  return { kind: 'url', url: url.href, ...(sha256 !== undefined && { sha256 }) }
}

function legible<T>(ref: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw modelRefInvalid(ref, messageOf(cause)).with({ cause })
  }
}
