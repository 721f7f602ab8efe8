/** Validates captioned images; each issue is the end of a sentence that includes the value. */

import type { ClipConfig } from '@hadal/nn'
import { isList } from '../is-list.ts'
import type { ImageTextPairs } from './image-text-pairs.ts'

type Fields = Readonly<Record<string, unknown>>

/** Validates the form. */
export function imageTextShapeIssues({ imageSize, captions, padding, fingerprint, load }: Fields): string[] {
  const issues: string[] = []
  if (!(Number.isSafeInteger(imageSize) && (imageSize as number) >= 1))
    issues.push(`imageSize is ${imageSize}; it must be a whole number of at least 1`)
  if (!(Number.isSafeInteger(padding) && (padding as number) >= 0))
    issues.push(`padding is ${padding}; it must be a token id`)
  if (typeof fingerprint !== 'string' || fingerprint === '')
    issues.push(
      `fingerprint is ${JSON.stringify(fingerprint)}; it must be a string that identifies the images of \`load\``,
    )
  if (typeof load !== 'function') issues.push('load must be a function')
  if (!Array.isArray(captions)) return [...issues, 'captions must be a list with the captions of each image']
  const wrong = captions.findIndex((own) => !Array.isArray(own) || own.length === 0 || !own.every(isList))
  if (wrong >= 0)
    issues.push(`captions[${wrong}] must be a non-empty list of captions, each a list of token ids`)
  return issues
}

/** Validates the content for the given model. */
export function imageTextIssues(data: ImageTextPairs, model: ClipConfig): string[] {
  const { text_config: text, vision_config: vision } = model
  const { vocab_size, max_position_embeddings: longest, eos_token_id: end } = text
  const issues: string[] = []
  if (data.imageSize !== vision.image_size)
    issues.push(
      `has images of ${data.imageSize} pixels; the image encoder expects ${vision.image_size} (model.vision_config.image_size)`,
    )
  if (data.captions.length < 2)
    issues.push(`has ${data.captions.length} images; a contrastive loss compares at least 2`)
  if (data.padding >= vocab_size)
    issues.push(`padding is ${data.padding}; it must be below ${vocab_size} (model.text_config.vocab_size)`)
  // Only the first issue is reported.
  for (const [image, captions] of data.captions.entries())
    for (const ids of captions) {
      const own = captionIssue(ids, data.padding, { vocab_size, longest, end })
      if (own !== undefined) return [...issues, `has a caption of image ${image} ${own}`]
    }
  return issues
}

interface Limits {
  readonly vocab_size: number
  readonly longest: number
  readonly end: number | null
}

/** The end of a sentence that begins with the caption's name. */
function captionIssue(
  ids: readonly number[],
  padding: number,
  { vocab_size, longest, end }: Limits,
): string | undefined {
  if (ids.length === 0) return 'without tokens'
  if (ids.length > longest)
    return `with ${ids.length} tokens; the text encoder accepts ${longest} (model.text_config.max_position_embeddings)`
  const wrong = ids.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocab_size))
  if (wrong !== undefined)
    return `with token ${wrong}; it must be a whole number from 0 to below ${vocab_size}`
  if (end !== null && !ids.includes(end))
    return `without its end token ${end} (model.text_config.eos_token_id)`
  if (end === null && padding > Math.max(...ids))
    return `whose padding ${padding} is above all its tokens; the text encoder pools at the highest token id`
  return undefined
}
