/** Causes in Node and native addons: ports, limits, modules, uncaught errors. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedPrograms } from '../consequences.ts'
import { errnoPage, nodeAddons, nodeErrors, nodeProcess } from '../sources.ts'
import { hadalErrors } from './hadal-errors.ts'
import { uncaughtErrors } from './uncaught-errors.ts'

const hadalErrorsPage = { title: 'Hadal: docs/errors.md' }

export const nodeCauses: readonly Cause[] = [
  {
    id: 'port_in_use',
    family: 'node',
    title: 'The port is already in use',
    severity: 'error',
    weight: 5,
    shows: [
      /\bEADDRINUSE\b(?:.{0,60}address already in use )?(?:(?<host>[\w.:*[\]-]{1,60}):(?<port>\d{1,5}))?/,
      /[Aa]ddress already in use\b.{0,40}?(?::(?<port>\d{2,5}))?/,
      /couldn't bind (?:HTTP )?(?:server )?socket, hostname: (?<host>\S{1,60}),? port: (?<port>\d{1,5})/,
    ],
    explains: endedPrograms,
    says: ({ port, host }) =>
      `Another process listens${withFigure(port, (number) => ` on port ${number}`)}${withFigure(host, (name) => ` of ${name}`)} already: often an earlier start of the same program.`,
    fix: ({ port }) => ({
      text: 'See who has it, and end that process or take another port.',
      command: `ss -ltnp${port === undefined ? '' : ` 'sport = :${port}'`}`,
    }),
    source: nodeErrors,
  },
  {
    id: 'port_not_allowed',
    family: 'node',
    title: 'The address may not be used',
    severity: 'error',
    shows: [
      /\b(?:listen|bind) EACCES\b.{0,80}?(?::(?<port>\d{1,5}))?$/,
      /\b(?:listen|bind) EADDRNOTAVAIL\b.{0,80}/,
      /\bbind\b.{0,60}(?:Permission denied|Cannot assign requested address)/,
    ],
    explains: endedPrograms,
    says: ({ port }) =>
      `The program may not listen there${withFigure(port, (number) => ` (port ${number})`)}: ports below 1024 need rights, and an address has to be one of this machine.`,
    fix: advice(
      'Take a port from 1024 on, and 0.0.0.0 or an address that this machine has.',
      'ip -brief addr; sysctl net.ipv4.ip_unprivileged_port_start',
    ),
    source: nodeErrors,
  },
  {
    id: 'too_many_files',
    family: 'node',
    title: 'Too many open files',
    severity: 'error',
    weight: 5,
    shows: [/\bEMFILE\b/, /\bENFILE\b/, /Too many open files/, /VFS: file-max limit \d{1,12} reached/],
    explains: ['network_refused', 'network_reset', ...endedPrograms],
    says: plainly('The process, or the whole machine, has as many files and connections open as it may.'),
    fix: advice(
      'Raise the limit; if the number only grows, something is not closed.',
      'ulimit -n 65536; ls /proc/PID/fd | wc -l',
    ),
    source: errnoPage,
  },
  {
    id: 'too_many_watches',
    family: 'node',
    title: 'Too many watched files',
    severity: 'error',
    weight: 5,
    shows: [/System limit for number of file watchers reached/],
    explains: ['disk_full', ...endedPrograms],
    says: plainly('The system allows no more watches of files; ENOSPC here is not about the disk.'),
    fix: advice('Raise the limit.', 'sudo sysctl fs.inotify.max_user_watches=524288'),
    source: errnoPage,
  },
  {
    id: 'too_many_threads',
    family: 'node',
    title: 'No more threads or processes may be started',
    severity: 'error',
    weight: 5,
    shows: [
      /pthread_create failed(?: for thread \d{1,6} of \d{1,6})?: Resource temporarily unavailable/,
      /libgomp: Thread creation failed: Resource temporarily unavailable/,
      /can't start new thread/,
      /fork: (?:retry: )?Resource temporarily unavailable/,
      /\bspawn .{0,120}EAGAIN\b/,
      /cgroup: fork rejected by pids controller/,
    ],
    explains: endedPrograms,
    says: plainly('The limit of processes and threads of the user or the container is reached.'),
    fix: advice(
      'Use fewer threads (OMP_NUM_THREADS), or raise the limit.',
      'ulimit -u; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current',
    ),
    source: errnoPage,
  },
  {
    id: 'node_abi_mismatch',
    family: 'node',
    title: 'An addon was built for another version of Node',
    severity: 'error',
    weight: 5,
    shows: [
      /NODE_MODULE_VERSION (?<built>\d{1,4})\. This version of Node\.js requires/,
      /was compiled against a different Node\.js version/,
      /requires NODE_MODULE_VERSION (?<needed>\d{1,4})/,
      /^NODE_MODULE_VERSION (?<built>\d{1,4})\./,
    ],
    explains: ['node_addon_failed', ...endedPrograms],
    says: ({ built, needed }) =>
      `A native addon was built for another version of Node${withFigure(built ?? needed, (version) => ` (module version ${version})`)} than the one that runs.`,
    fix: advice('Build it for this one, or run the version it was built for.', 'node --version; npm rebuild'),
    source: nodeAddons,
  },
  {
    id: 'node_addon_failed',
    family: 'node',
    title: 'A native addon could not be loaded',
    severity: 'error',
    shows: [/\bERR_DLOPEN_FAILED\b/, /Error: (?<library>\S{1,200}\.node): (?<reason>.{1,200})/],
    explains: endedPrograms,
    says: ({ library, reason }) =>
      `Node could not load ${library ?? 'a native addon'}${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'See which library it misses; install the package anew for this platform (musl and glibc differ).',
      'ldd FILE.node | grep "not found"; npm rebuild',
    ),
    source: nodeErrors,
  },
  {
    id: 'node_module_missing',
    family: 'node',
    title: 'A module is not installed',
    severity: 'error',
    shows: [
      /\bError(?: \[ERR_MODULE_NOT_FOUND\])?: Cannot find (?:module|package) '(?<module>[^']{1,200})'/,
      /code: '(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)'/,
    ],
    explains: endedPrograms,
    says: ({ module }) => `Node cannot find ${module ?? 'a module'} from where it is imported.`,
    fix: advice(
      'Install what the package needs, build what is built, and look at the path.',
      'npm ci; npm ls',
    ),
    source: nodeErrors,
  },
  {
    id: 'node_unhandled_rejection',
    family: 'node',
    title: 'A rejected promise was not handled',
    severity: 'error',
    weight: -1,
    shows: [
      /\bERR_UNHANDLED_REJECTION\b/,
      /\bUnhandledPromiseRejection(?:Warning)?\b/,
      /This error originated either by throwing inside of an async function without a catch block/,
    ],
    explains: endedPrograms,
    says: plainly(
      'A promise was rejected and nobody caught it, so Node ended. The reason stands after the message or in the lines around it.',
    ),
    fix: advice(
      'Look at the reason and the stack; the place that starts the promise has to await or catch it.',
      'node --trace-uncaught --enable-source-maps PROGRAM',
    ),
    source: nodeProcess,
  },
  {
    id: 'hadal_error',
    family: 'node',
    title: 'Hadal ended with an error of its own',
    severity: 'error',
    weight: -1,
    shows: hadalErrors,
    explains: ['k8s_container_failed', 'k8s_crash_loop', 'k8s_probe_failed'],
    says: ({ code, message }) =>
      `Hadal says ${code ?? 'what is wrong'}${withFigure(message, (text) => `: ${text.replace(/[.:]$/, '')}`)}.`,
    fix: ({ code, help }) => ({
      text: help ?? 'Look the code up in docs/errors.md, which says of each what to do.',
      ...(code !== undefined && { command: `grep -A8 ${code} docs/errors.md` }),
    }),
    source: hadalErrorsPage,
  },
  {
    id: 'node_uncaught',
    family: 'node',
    title: 'An exception was not caught',
    severity: 'error',
    weight: -1,
    shows: uncaughtErrors,
    explains: ['k8s_container_failed', 'k8s_crash_loop', 'k8s_probe_failed'],
    says: ({ error }) =>
      `The program threw an error that nobody caught${withFigure(error, (text) => `: ${text.replace(/\.$/, '')}`)}.`,
    fix: advice(
      'The first line of the stack that is not in node_modules or node: names the place.',
      'node --enable-source-maps PROGRAM',
    ),
    source: nodeErrors,
  },
  {
    id: 'database_unreachable',
    family: 'node',
    title: 'The database does not answer',
    severity: 'error',
    shows: [
      /connect ECONNREFUSED (?<host>\S{1,80}):(?<port>5432|3306|6379|27017)\b/,
      /\bpassword authentication failed for user\b/,
      /FATAL: +(?:database "[^"]{1,80}" does not exist|sorry, too many clients already|the database system is (?:starting up|shutting down))/,
      /connection to server at "(?<host>[^"]{1,120})".{0,80}port (?<port>\d{2,5}) failed/,
      /\bSQLITE_(?:BUSY|FULL|CORRUPT|IOERR|READONLY)\b|database is locked/,
    ],
    explains: ['network_refused', ...endedPrograms],
    says: ({ host, port }) =>
      `The program could not work with its database${withFigure(host, (name) => ` at ${name}:${port ?? ''}`)}: not running, refused, full or locked.`,
    fix: advice(
      'Try the same address and user by hand, and look at the log of the database.',
      'pg_isready -h HOST -p PORT',
    ),
    source: {
      title: 'PostgreSQL: error codes',
      url: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
    },
  },
]
