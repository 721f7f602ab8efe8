/**
 * Tells the folder of a model with a tower for texts and one for images (CLIP) from that of any other, by its configuration alone:
 * as Hugging Face lays it out, or open_clip.
 */

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
