/** Size of a model's weights before loading. */

import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Includes all parts of a split or folder model. */
export function weightBytes(path: string): number {
  if (statSync(path).isDirectory())
    return readdirSync(path)
      .filter((file) => file.endsWith('.safetensors'))
      .reduce((sum, file) => sum + statSync(join(path, file)).size, 0)
  const parts = /^(.*)-\d{5}(-of-\d{5}\.gguf)$/i.exec(basename(path))
  if (parts === null) return statSync(path).size
  const [, name, end] = parts
  return readdirSync(dirname(path))
    .filter((file) => file.startsWith(`${name}-`) && file.endsWith(end!))
    .reduce((sum, file) => sum + statSync(join(dirname(path), file)).size, 0)
}
