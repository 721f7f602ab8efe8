/** Errors of monitoring. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const monitorProgramsMissing: ErrorMaker<[programs: readonly string[], packages: readonly string[]]> =
  defineError({
    code: 'monitor_programs_missing',
    status: 500,
    when: 'Prometheus or Alertmanager programs that `hadal monitor` runs are not installed.',
    message: (programs, _packages) => `not on the PATH: ${programs.join(', ')}`,
    help: (_programs, packages) =>
      `Debian and Ubuntu: apt-get install ${packages.join(' ')}. Elsewhere: put the programs of Prometheus and Alertmanager on the PATH.`,
  })

export const monitorRunning: ErrorMaker<[folder: string, pid: number]> = defineError({
  code: 'monitor_running',
  status: 409,
  when: 'Another `hadal monitor up` already uses this data folder.',
  message: (folder, pid) => `process ${pid} watches already, with its data in ${folder}`,
  help: '`hadal monitor status` says how things are. To watch a second server, name another folder with --state.',
})

export const monitorNotRunning: ErrorMaker<[folder: string]> = defineError({
  code: 'monitor_not_running',
  status: 404,
  when: '`hadal monitor status` found no running `hadal monitor up`.',
  message: (folder) => `nothing watches with its data in ${folder}`,
  help: 'Start it with `hadal monitor up`, with the same --config or --state.',
})

export const monitorPortTaken: ErrorMaker<[port: number, flag: string]> = defineError({
  code: 'monitor_port_taken',
  status: 409,
  when: 'Another program listens on the port of Prometheus or Alertmanager.',
  message: (port, _flag) => `port ${port} is taken`,
  help: (_port, flag) => `Name another one with ${flag}, or leave it out: then a free one is found.`,
})

export const monitorNotLoopback: ErrorMaker<[address: string]> = defineError({
  code: 'monitor_not_loopback',
  status: 400,
  when: '`hadal monitor up --listen` names an address that other machines can reach. Prometheus and Alertmanager require no password.',
  message: (address) => `${address} is no loopback address, and neither program asks for a password`,
  help: 'Leave --listen out, or name 127.0.0.1 or ::1. From other machines: ssh -L 9090:127.0.0.1:9090 this-machine.',
})

export const monitorProgramEnded: ErrorMaker<
  [name: string, how: string, log: string, lines: readonly string[]]
> = defineError({
  code: 'monitor_program_ended',
  status: 502,
  when: 'Prometheus or Alertmanager failed to start, or exited repeatedly.',
  message: (name, how, _log, lines) => [`${name} ended (${how})`, ...lines].join('\n  '),
  help: (_name, _how, log, lines) =>
    lines.some(isDiskFull)
      ? 'The disk is full: make room, or keep the data elsewhere with --state.'
      : `${log} has all that it said. The files it reads lie beside it.`,
  docsHelp:
    'See its full output in the log file that the error names. If the disk is full, free some space, or move the data with --state.',
})

export const monitorNotReady: ErrorMaker<[name: string, seconds: number, log: string]> = defineError({
  code: 'monitor_not_ready',
  status: 504,
  when: 'Prometheus or Alertmanager is running but does not become ready.',
  message: (name, seconds, _log) => `${name} is not ready after ${seconds} s`,
  help: (_name, _seconds, log) =>
    `${log} says what it does: reading much data takes long. Another folder, with --state, starts with none.`,
})

export const monitorNotAnswering: ErrorMaker<[url: string, log: string]> = defineError({
  code: 'monitor_not_answering',
  status: 502,
  when: 'The Prometheus or Alertmanager of a running `hadal monitor up` does not respond to `hadal monitor status`.',
  message: (url, _log) => `${url} does not answer`,
  help: (_url, log) => `It may be starting again: ask once more, or read ${log}.`,
})

export const monitorStateUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'monitor_state_unwritable',
  status: 500,
  when: 'The files of `hadal monitor` cannot be written.',
  message: (folder, why) => `${folder} cannot be written: ${why}`,
  help: 'Name a folder that can be, with room on its disk: --state of `hadal monitor up`, --out of `hadal monitor render`.',
})

export const monitorMetricsRefused: ErrorMaker<[url: string, status: number | undefined]> = defineError({
  code: 'monitor_metrics_refused',
  status: 502,
  when: 'The server to monitor responds, but does not return metrics.',
  message: (url, status) =>
    `${url} answers with ${status === undefined ? 'something else than metrics' : `status ${status}`}`,
  help: (_url, status) =>
    status === 401 || status === 403
      ? 'Its metrics are private: put one of adminKeys into a file of its own, and name that with --key-file.'
      : 'Name the address of a server of Hadal with --url, that of adminPort where there is one.',
  docsHelp:
    'Name the address of a Hadal server with --url (the one of adminPort if it is set). If its metrics are private, write one of adminKeys into a file and name it with --key-file.',
})

export const monitorKeyFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'monitor_key_file_unreadable',
  status: 400,
  when: 'A file given with `--key-file` or `--ca-file` cannot be read.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name a file that this user may read; one with a key holds nothing else.',
})

export const isDiskFull = (line: string): boolean =>
  /no space left on device|ENOSPC|file too large/i.test(line)
