/** LoRA adapters as settings: a list in a config file; in text, files with their scales. */

import { basename } from 'node:path'
import { z } from 'zod'
import type { Kind } from './kinds.ts'

/** A LoRA adapter to serve with the model. */
export interface AdapterSetting {
  /** The name for requests; the file's name without `.gguf` by default. */
  readonly id?: string | undefined
  /** A GGUF file. */
  readonly path: string
  /** For requests that name no adapters: 1 by default; 0 only loads it. */
  readonly scale?: number | undefined
}

const adapter = z
  .strictObject({
    id: z.string().min(1).max(256).optional(),
    path: z.string().min(1),
    scale: z.number().min(-1000).max(1000).optional(),
  })
  .readonly()

export const adapterSettings: Kind<readonly AdapterSetting[]> = {
  schema: z.array(adapter).readonly(),
  expected:
    'a list of LoRA adapters, each an object with a path and, if need be, an id and a scale from -1000 to 1000; in text files with their scales, separated by commas: `one.gguf=0.5,other.gguf`',
  read: (given) => given.split(',').map((item) => readAdapter(item.trim())),
  isList: true,
  show: (adapters) =>
    adapters.map(({ path, scale }) => (scale === undefined ? path : `${path}=${scale}`)).join(','),
}

/** A path may itself contain an equals sign. */
function readAdapter(item: string): AdapterSetting {
  const match = /^(.+)=([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i.exec(item)
  return match === null ? { path: item } : { path: match[1]!, scale: Number(match[2]) }
}

/**
 * The name for requests.
 *
 * @internal
 */
export function adapterId({ id, path }: AdapterSetting): string {
  return id ?? basename(path).replace(/\.gguf$/i, '')
}
