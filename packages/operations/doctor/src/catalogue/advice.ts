/** Wording of catalogue entries: sentences with or without measurements. */

import type { Fix } from '../checks/check.ts'
import type { Figures } from './cause.ts'

/** The same sentence, whatever the figures are. */
export const plainly =
  (text: string): ((figures: Figures) => string) =>
  () =>
    text

/** The same fix, whatever the figures are. */
export const advice =
  (text: string, command?: string): ((figures: Figures) => Fix) =>
  () =>
    command === undefined ? { text } : { text, command }

/** A part of a sentence that is there only with its figure. */
export const withFigure = (figure: string | undefined, text: (figure: string) => string): string =>
  figure === undefined || figure === '' ? '' : text(figure)
