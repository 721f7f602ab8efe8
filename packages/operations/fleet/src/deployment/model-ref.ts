/** Parses a model reference: a bundled model, a hub repository, a URL or a path. Performs no I/O. */

export interface ModelRef {
  readonly kind: 'bundled' | 'hub' | 'url' | 'path'
  /** Last path segment, which identifies it: `Qwen3-8B-GGUF`, `model.gguf`. */
  readonly name: string
  readonly isGguf: boolean
  /** Hugging Face Hub repository `owner/name`. */
  readonly repo?: string
  readonly revision?: string
  readonly quant?: string
  readonly file?: string
}

const part = '[A-Za-z0-9][\\w.-]*'
const hub = new RegExp(`^(?:hf:)?(${part}/${part})(?:@([\\w./-]+?))?(?::([\\w.-]+)|/(.+\\.gguf))?$`, 'i')

/**
 * Parsed as in `hadal serve`. vLLM and SGLang users write `owner/name` without `hf:`, so with `isPlainHub` that form is a hub
 * repository. Undefined if `hf:` is not followed by a valid hub reference.
 */
export function readModelRef(given: string, isPlainHub: boolean): ModelRef | undefined {
  if (/^[\w-]+$/.test(given)) return { kind: 'bundled', name: given, isGguf: true }
  if (/^https?:/i.test(given)) {
    const name = lastPart(given.replace(/[?#].*$/s, ''))
    return { kind: 'url', name, isGguf: true }
  }
  const isHub = /^hf:/i.test(given)
  if (isHub || (isPlainHub && !/^[./~]/.test(given))) {
    const match = hub.exec(given)
    if (match !== null) return ofHub(match)
    if (isHub) return undefined
  }
  const path = given.replace(/^file:(\/\/)?/i, '')
  return { kind: 'path', name: lastPart(path), isGguf: /\.gguf$/i.test(path) }
}

function ofHub([, repo, revision, tag, file]: RegExpExecArray): ModelRef {
  const isCheckpoint =
    tag === undefined ? file === undefined && !/gguf/i.test(repo!) : /^safetensors$/i.test(tag)
  const name = file === undefined ? lastPart(repo!) : `${lastPart(repo!)}-${lastPart(file)}`
  return {
    kind: 'hub',
    name,
    isGguf: !isCheckpoint,
    repo: repo!,
    ...(revision !== undefined && { revision }),
    ...(!isCheckpoint && tag !== undefined && { quant: tag }),
    ...(file !== undefined && { file }),
  }
}

export function lastPart(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? path
}
