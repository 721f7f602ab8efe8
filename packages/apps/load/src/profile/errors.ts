/** Errors of server profiles. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** Advice by response status. */
const whenRefused: Readonly<Record<number, string>> = {
  400: 'Change the options: `hadal profile --help` lists them.',
  401: 'Profiling requires an admin key: pass one of adminKeys with --api-key.',
  403: 'Profiling requires an admin key: pass one of adminKeys with --api-key, and use the address of adminPort if it is set.',
  409: 'Wait until another recording has finished.',
}

export const profileRefused: ErrorMaker<[url: string, why: string, status: number]> = defineError({
  code: 'profile_refused',
  status: 502,
  when: 'The server to profile returned something other than a profile.',
  message: (url, why, _status) => `${url} returned no profile: ${why}`,
  help: (_url, _why, status) =>
    whenRefused[status] ??
    'Name the address of a Hadal server (the one of adminPort if it is set) and one of its models with --model.',
  docsHelp:
    'Check the address: it must be a Hadal server (the one of adminPort if it is set). Pass one of its adminKeys with --api-key, and one of its models with --model.',
})

export const profileNotRecorded: ErrorMaker<[folder: string]> = defineError({
  code: 'profile_not_recorded',
  status: 404,
  when: 'The folder contains no profile of a training run.',
  message: (folder) => `${folder} contains no profile`,
  help: 'Record one with `hadal train RECIPE --profile` and name the run folder, or name a trace file (trace.json, trace.json.gz).',
})

export const profileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'profile_unreadable',
  status: 400,
  when: 'A profile or trace file cannot be read.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Name the folder of a profiled run, or a trace written by Hadal, PyTorch or Chrome.',
})
