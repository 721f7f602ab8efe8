/** Errors of saved captures. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const doctorCaptureInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'doctor_capture_invalid',
  status: 400,
  when: 'The file of `hadal doctor --fixture` is not a capture, or has an unknown format version.',
  message: (name, why) => `${name} is not a capture: ${why}`,
  help: 'Create one with `hadal doctor --capture FILE` on the affected machine. For logs, use `hadal doctor explain`.',
})
