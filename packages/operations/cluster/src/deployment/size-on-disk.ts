/** Size of a local model: a file, all its parts, or the weights in a folder. */

import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export async function sizeOnDisk(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isDirectory()) {
    const weights = await sumOf(path, (name) => /\.(safetensors|gguf|onnx|onnx_data)$/i.test(name))
    return weights === 0 ? undefined : weights
  }
  const parts = /^(.*)-\d{5}(-of-\d{5}\.gguf)$/i.exec(basename(path))
  if (parts === null) return found.size
  const [, start, end] = parts
  return sumOf(dirname(path), (name) => name.startsWith(`${start}-`) && name.endsWith(end!))
}

async function sumOf(folder: string, counts: (name: string) => boolean): Promise<number> {
  const names = (await readdir(folder)).filter(counts)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
