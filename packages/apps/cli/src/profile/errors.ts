/** What goes wrong with profiles of servers. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** What to do about it, by the status of the answer. */
const whenRefused: Readonly<Record<number, string>> = {
  400: 'Ask for something else: `hadal profile --help` says what there is.',
  401: 'Profiles are for administrators: name one of adminKeys with --api-key.',
  403: 'Profiles are for administrators: name one of adminKeys with --api-key, and the address of adminPort where there is one.',
  409: 'Wait until one of them is over.',
}

export const profileRefused: ErrorMaker<[url: string, why: string, status: number]> = defineError({
  code: 'profile_refused',
  status: 502,
  when: 'A server that is to be profiled answers with anything but a profile.',
  message: (url, why, _status) => `${url} records no profile: ${why}`,
  help: (_url, _why, status) =>
    whenRefused[status] ??
    'Name the address of a server of Hadal, that of adminPort where there is one, and one of its models with --model.',
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
