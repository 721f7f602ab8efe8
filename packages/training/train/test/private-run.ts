/** The tiny run, private: 24 steps of four rows expected of twenty, so that some steps are empty. */

import { defineRun, type PrivacyOptions, type Run, type RunOptions } from '@hadal/train'
import { tinyOptions } from './tiny-run.ts'

export const privateRun = (
  folder: string,
  privacy: Partial<PrivacyOptions> = {},
  change: Partial<RunOptions> = {},
): Run =>
  defineRun({
    ...tinyOptions(folder),
    // Small steps of many passes: a kill meets any of them.
    batch: { windows: 2, accumulate: 1 },
    privacy: { epsilon: 4, accountant: 'rdp', secure: false, ...privacy },
    ...change,
  })
