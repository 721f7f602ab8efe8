/** Node and what it loads: crashes of JavaScript, of addons, and processes that could not start or listen. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import { errnoPage, linkerPage, nodeAddons, nodeErrors, nodeProcess, signalPage } from './sources.ts'
import { uncaughtErrors } from './uncaught-errors.ts'

const ended: readonly string[] = [
  'node_uncaught',
  'process_aborted',
  'k8s_container_failed',
  'k8s_crash_loop',
  'k8s_probe_failed',
]

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
    explains: ended,
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
    explains: ended,
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
    explains: ['network_refused', 'network_reset', ...ended],
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
    explains: ['disk_full', ...ended],
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
    explains: ended,
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
    explains: ['node_addon_failed', ...ended],
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
    explains: ended,
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
    explains: ended,
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
    explains: ended,
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
    id: 'cpu_instruction',
    family: 'node',
    title: 'The processor lacks an instruction that the program uses',
    severity: 'error',
    weight: 5,
    shows: [
      /\bSIGILL\b/,
      /\bIllegal instruction\b/,
      /traps: (?<process>\S{1,64})\[(?<pid>\d{1,10})\] trap invalid opcode/,
      /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}132\b/i,
    ],
    explains: ended,
    says: ({ process }) =>
      `${process ?? 'The program'} was built for a newer processor: it uses an instruction, such as AVX2 or AVX-512, that this one or its virtual machine does not have.`,
    fix: advice(
      'See what the processor has, and take a build for it; a virtual machine may hide what the host has.',
      'grep -m1 flags /proc/cpuinfo | tr " " "\\n" | grep -E "^(avx|fma|f16c|amx)"',
    ),
    source: signalPage,
  },
  {
    id: 'process_segfault',
    family: 'node',
    title: 'Native code crashed (SIGSEGV)',
    severity: 'error',
    shows: [
      /\bSIGSEGV\b/,
      /\bSegmentation fault\b/i,
      /(?<process>\S{1,64})\[(?<pid>\d{1,10})\]: segfault at (?<address>[0-9a-f]{1,16}) ip \S{1,20} sp \S{1,20} error \d{1,6}(?: in (?<library>[^[\s]{1,120}))?/,
      /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}139\b/i,
      /\bexitcode *: -11\b/,
      /traps: (?<process>\S{1,64})\[(?<pid>\d{1,10})\] general protection/,
    ],
    explains: ['torch_child_failed', 'python_worker_died', 'vllm_engine_died', ...ended],
    says: ({ process, library }) =>
      `${process ?? 'A process'} touched memory that it may not${withFigure(library, (name) => `, in ${name}`)}: a fault of native code, or libraries that do not fit together.`,
    fix: advice(
      'See in which library it was; look for two versions of one library in the process; get a stack from the core.',
      'coredumpctl info; python3 -X faulthandler PROGRAM',
    ),
    source: signalPage,
  },
  {
    id: 'process_bus_error',
    family: 'node',
    title: 'Native code crashed (SIGBUS)',
    severity: 'error',
    shows: [/\bSIGBUS\b/, /\bBus error\b/, /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}135\b/i],
    explains: ['torch_child_failed', 'python_worker_died', ...ended],
    says: plainly(
      'A mapped file or shared memory was shorter than the program thought: /dev/shm or the disk is full, or a model file was changed or cut while it was in use.',
    ),
    fix: advice(
      'See whether /dev/shm or the disk is full, and whether the file is whole.',
      'df -h /dev/shm .; ls -l MODEL',
    ),
    source: signalPage,
  },
  {
    id: 'process_aborted',
    family: 'node',
    title: 'A process ended itself (SIGABRT)',
    severity: 'error',
    weight: -1,
    shows: [
      /\bSIGABRT\b/,
      /\bAborted \(core dumped\)/,
      /terminate called after throwing an instance of '(?<error>[^']{1,120})'/,
      /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}134\b/i,
      /\bexitcode *: -6\b/,
    ],
    explains: [
      'torch_child_failed',
      'python_worker_died',
      'vllm_engine_died',
      'k8s_container_failed',
      'k8s_crash_loop',
      'nccl_peer_gone',
    ],
    says: ({ error }) =>
      `Native code gave up${withFigure(error, (name) => ` with ${name}`)}; the lines before it say why.`,
    fix: advice(
      'Look at the message just before; the stack in the core dump names the place.',
      'coredumpctl info',
    ),
    source: signalPage,
  },
  {
    id: 'process_stopped',
    family: 'node',
    title: 'The process was told to stop (SIGTERM)',
    severity: 'note',
    weight: -2,
    shows: [
      /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}143\b/i,
      /\breceived (?:signal )?SIGTERM\b/i,
      /\bexitcode *: -15\b/,
    ],
    says: plainly('Somebody asked the process to end: a rollout, a scale down, a probe or an operator.'),
    fix: advice('Look at who did: events of the pod, or the service manager.', 'kubectl describe pod POD'),
    source: signalPage,
  },
  {
    id: 'program_missing',
    family: 'node',
    title: 'A program cannot be started',
    severity: 'error',
    shows: [
      /\bspawn (?<program>\S{1,160}) (?:ENOENT|EACCES)\b/,
      /exec (?<program>\S{1,160}): exec format error/,
      /(?:^|: )(?<program>[\w./-]{1,120}): (?:cannot execute binary file: Exec format error|command not found)$/,
      /exec: "(?<program>[^"]{1,160})": (?:executable file not found in \$PATH|permission denied|stat .{1,160}: no such file or directory)/,
    ],
    explains: ended,
    says: ({ program }) =>
      `${program ?? 'A program'} is not there, may not be executed, or is for another processor (exec format error: arm64 and amd64).`,
    fix: advice(
      'See whether it is in PATH, executable, and for this platform.',
      'command -v PROGRAM; file "$(command -v PROGRAM)"; uname -m',
    ),
    source: linkerPage,
  },
  {
    id: 'database_unreachable',
    family: 'node',
    title: 'The database does not answer',
    severity: 'error',
    shows: [
      /connect ECONNREFUSED (?<host>\S{1,80}):(?<port>5432|3306|6379|27017)\b/,
      /FATAL: +(?:password authentication failed for user|database "[^"]{1,80}" does not exist|sorry, too many clients already|the database system is (?:starting up|shutting down))/,
      /connection to server at "(?<host>[^"]{1,120})".{0,80}port (?<port>\d{2,5}) failed/,
      /\bSQLITE_(?:BUSY|FULL|CORRUPT|IOERR|READONLY)\b|database is locked/,
    ],
    explains: ['network_refused', ...ended],
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
