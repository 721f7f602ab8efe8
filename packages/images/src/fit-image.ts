/** How an image comes to the size wanted: pure arithmetic on sizes. Knows nothing of pixels or of sharp. */

export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * `crop`: the shorter side to the size wanted, the centre of the longer one, as CLIP prepares images. `whole`: the same without
 * cutting anything off, so the result is as long as the image is. `pad`: all of it inside, background beside it.
 * `stretch`: both sides to the size, whatever that does to the picture.
 */
export type Fit = 'crop' | 'whole' | 'pad' | 'stretch'

export interface Fitted {
  /** Resize to this. */
  readonly resized: Size
  /** Where the result lies in what was resized; negative where there is background. */
  readonly left: number
  readonly top: number
  /** The size that comes out. */
  readonly result: Size
}

export function fitImage(image: Size, wanted: Size, fit: Fit): Fitted {
  if (fit === 'stretch') return { resized: wanted, left: 0, top: 0, result: wanted }
  const across = wanted.width / image.width
  const down = wanted.height / image.height
  const scale = fit === 'pad' ? Math.min(across, down) : Math.max(across, down)
  // The side that decides is exact; the other one is cut off, as torchvision's Resize does it.
  const side = (length: number, exact: boolean, wish: number) =>
    exact ? wish : Math.max(1, Math.floor(length * scale + 1e-9))
  const resized = {
    width: side(image.width, scale === across, wanted.width),
    height: side(image.height, scale === down, wanted.height),
  }
  const result = fit === 'whole' ? resized : wanted
  return {
    resized,
    left: Math.floor((resized.width - result.width) / 2),
    top: Math.floor((resized.height - result.height) / 2),
    result,
  }
}
