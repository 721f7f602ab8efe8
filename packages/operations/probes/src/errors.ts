/** Errors of a machine examination, as opposed to its findings. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const doctorFixtureUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'doctor_fixture_unreadable',
  status: 404,
  when: 'The file of `hadal doctor --fixture` cannot be read.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Check the path; use - for standard input.',
})

export const doctorCaptureUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'doctor_capture_unwritable',
  status: 500,
  when: 'The file of `hadal doctor --capture` cannot be written.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Choose a file in a folder that this user can write to.',
})
