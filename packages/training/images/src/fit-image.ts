/** Computes resizing, cropping and padding: pure arithmetic on sizes. */

export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * `crop`: resizes the shorter side to the requested size and keeps the centre of the longer one, as CLIP prepares images. `whole`:
 * the same without cropping, so the longer side follows the image. `pad`: the whole image inside, background around it. `stretch`:
 * resizes both sides, distorting the image.
 */
export type Fit = 'crop' | 'whole' | 'pad' | 'stretch'

export interface Fitted {
  /** Resize to this. */
  readonly resized: Size
  /** Region of the image to keep. */
  readonly cut: Size & { readonly left: number; readonly top: number }
  /** Around that, put so much background. */
  readonly border: {
    readonly left: number
    readonly right: number
    readonly top: number
    readonly bottom: number
  }
}

/**
 * Resizes and crops, or pads, an image to the requested size.
 *
 * @example
 * ```ts
 * import { fitImage } from '@hadal/images'
 *
 * fitImage({ width: 400, height: 200 }, { width: 100, height: 100 }, 'crop').resized // → { width: 200, height: 100 }
 * ```
 */
export function fitImage(image: Size, wanted: Size, fit: Fit): Fitted {
  const resized = fit === 'stretch' ? wanted : resizedSize(image, wanted, fit === 'pad' ? Math.min : Math.max)
  const result = fit === 'whole' ? resized : wanted
  const across = along(resized.width, result.width)
  const down = along(resized.height, result.height)
  return {
    resized,
    cut: { left: across.cut, top: down.cut, width: across.kept, height: down.kept },
    border: { left: across.before, right: across.behind, top: down.before, bottom: down.behind },
  }
}

/** With the image's proportions. The side that decides is exact; of the other a fraction is dropped, as torchvision's Resize does. */
function resizedSize(image: Size, wanted: Size, choose: (...scales: number[]) => number): Size {
  const [across, down] = [wanted.width / image.width, wanted.height / image.height]
  const scale = choose(across, down)
  const inexact = (length: number): number => Math.max(1, Math.floor(length * scale + 1e-9))
  return {
    width: scale === across ? wanted.width : inexact(image.width),
    height: scale === down ? wanted.height : inexact(image.height),
  }
}

/** One side: keeps the middle if too long, pads equally before and behind if too short. */
function along(length: number, wanted: number) {
  const kept = Math.min(length, wanted)
  const before = Math.floor((wanted - kept) / 2)
  return { cut: Math.floor((length - kept) / 2), kept, before, behind: wanted - kept - before }
}
