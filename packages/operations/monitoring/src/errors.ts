/** Errors of monitoring. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const monitorProgramsMissing: ErrorMaker<[programs: readonly string[], packages: readonly string[]]> =
  defineError({
    code: 'monitor_programs_missing',
    status: 500,
    when: 'Prometheus or Alertmanager programs that `hadal monitor` runs are not installed.',
    message: (programs, _packages) => `not on the PATH: ${programs.join(', ')}`,
    help: (_programs, packages) =>
      `Install them. Debian and Ubuntu: apt-get install ${packages.join(' ')}. Elsewhere: put the programs of Prometheus and Alertmanager on the PATH.`,
  })

export const monitorRunning: ErrorMaker<[folder: string, pid: number]> = defineError({
  code: 'monitor_running',
  status: 409,
  when: 'Another `hadal monitor up` already uses this data folder.',
  message: (folder, pid) => `process ${pid} is already monitoring with its data in ${folder}`,
  help: 'See its state with `hadal monitor status`. To monitor a second server, choose another folder with --state.',
})

export const monitorNotRunning: ErrorMaker<[folder: string]> = defineError({
  code: 'monitor_not_running',
  status: 404,
  when: '`hadal monitor status` found no running `hadal monitor up`.',
  message: (folder) => `no monitor is running with its data in ${folder}`,
  help: 'Start it with `hadal monitor up` and the same --config or --state.',
})

export const monitorPortTaken: ErrorMaker<[port: number, flag: string]> = defineError({
  code: 'monitor_port_taken',
  status: 409,
  when: 'Another program listens on the port of Prometheus or Alertmanager.',
  message: (port, _flag) => `port ${port} is in use`,
  help: (_port, flag) => `Choose another port with ${flag}, or leave it out to use any free port.`,
})

export const monitorNotLoopback: ErrorMaker<[address: string]> = defineError({
  code: 'monitor_not_loopback',
  status: 400,
  when: '`hadal monitor up --listen` names an address that other machines can reach. Prometheus and Alertmanager require no password.',
  message: (address) =>
    `${address} is not a loopback address, and Prometheus and Alertmanager require no password`,
  help: 'Leave --listen out, or use 127.0.0.1 or ::1. From another machine, use a tunnel: ssh -L 9090:127.0.0.1:9090 this-machine.',
})

export const monitorProgramEnded: ErrorMaker<
  [name: string, how: string, log: string, lines: readonly string[]]
> = defineError({
  code: 'monitor_program_ended',
  status: 502,
  when: 'Prometheus or Alertmanager failed to start, or exited repeatedly.',
  message: (name, how, _log, lines) => [`${name} exited (${how})`, ...lines].join('\n  '),
  help: (_name, _how, log, lines) =>
    lines.some(isDiskFull)
      ? 'The disk is full: free some space, or move the data with --state.'
      : `See the full output in ${log}. The files it reads are in the same folder.`,
  docsHelp:
    'See its full output in the log file that the error names. If the disk is full, free some space, or move the data with --state.',
})

export const monitorNotReady: ErrorMaker<[name: string, seconds: number, log: string]> = defineError({
  code: 'monitor_not_ready',
  status: 504,
  when: 'Prometheus or Alertmanager is running but does not become ready.',
  message: (name, seconds, _log) => `${name} is not ready after ${seconds} s`,
  help: (_name, _seconds, log) =>
    `See ${log}: loading a lot of data takes time. To start without data, choose another folder with --state.`,
})

export const monitorNotAnswering: ErrorMaker<[url: string, log: string]> = defineError({
  code: 'monitor_not_answering',
  status: 502,
  when: 'The Prometheus or Alertmanager of a running `hadal monitor up` does not respond to `hadal monitor status`.',
  message: (url, _log) => `${url} does not respond`,
  help: (_url, log) => `Try again, since it may be restarting, or see ${log}.`,
})

export const monitorStateUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'monitor_state_unwritable',
  status: 500,
  when: 'The files of `hadal monitor` cannot be written.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Choose a writable folder with free disk space: --state of `hadal monitor up`, --out of `hadal monitor render`.',
})

export const monitorMetricsRefused: ErrorMaker<[url: string, status: number | undefined]> = defineError({
  code: 'monitor_metrics_refused',
  status: 502,
  when: 'The server to monitor responds, but does not return metrics.',
  message: (url, status) =>
    `${url} returned ${status === undefined ? 'something other than metrics' : `status ${status}`}`,
  help: (_url, status) =>
    status === 401 || status === 403
      ? 'The metrics are private: write one of adminKeys into a file and name it with --key-file.'
      : 'Name the address of a Hadal server with --url (the one of adminPort if it is set).',
  docsHelp:
    'Name the address of a Hadal server with --url (the one of adminPort if it is set). If its metrics are private, write one of adminKeys into a file and name it with --key-file.',
})

export const monitorKeyFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'monitor_key_file_unreadable',
  status: 400,
  when: 'A file given with `--key-file` or `--ca-file` cannot be read.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Name a file that this user can read. A key file contains only the key.',
})

export const isDiskFull = (line: string): boolean =>
  /no space left on device|ENOSPC|file too large/i.test(line)
