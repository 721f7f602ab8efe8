/** Recognises the folder of a dual-encoder model (CLIP) by its configuration, in the layout of Hugging Face or open_clip. */

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export async function isTowersFolder(path: string): Promise<boolean> {
  const openClip = await stat(join(path, 'open_clip_config.json')).catch(() => undefined)
  if (openClip?.isFile()) return true
  const text = await readFile(join(path, 'config.json'), 'utf8').catch(() => '')
  try {
    const { model_type: type, vision_config: vision } = JSON.parse(text) ?? {}
    return type === 'clip' && typeof vision === 'object' && vision !== null
  } catch {
    return false
  }
}
