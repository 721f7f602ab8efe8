/** Decoded images, the common type of this package. */

export interface Pixels {
  /** RGB, 8 bits each: [height, width, 3], rows from the top. */
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}
