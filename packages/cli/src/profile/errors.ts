/** What goes wrong with profiles of servers. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const profileRefused: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'profile_refused',
  status: 502,
  when: 'A server that is to be profiled answers with anything but a profile.',
  message: (url, why) => `${url} records no profile: ${why}`,
  help: 'Profiles are for administrators: name one of adminKeys with --api-key, and the address of adminPort where there is one. The server must be Hadal’s.',
})

export const profileNotRecorded: ErrorMaker<[folder: string]> = defineError({
  code: 'profile_not_recorded',
  status: 404,
  when: 'A folder is no run’s that was profiled.',
  message: (folder) => `${folder} has no profile`,
  help: 'Record one with `hadal train RECIPE --profile`, and name the folder of the run, or a trace as a file (trace.json, trace.json.gz).',
})

export const profileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'profile_unreadable',
  status: 400,
  when: 'A profile, or a trace that is to be shown as one, cannot be read.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name the folder of a run that was profiled, or a trace that Hadal, PyTorch or Chrome wrote.',
})
