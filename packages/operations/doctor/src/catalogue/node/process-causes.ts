/** Processes that a signal ended, and programs that could not be started, whatever they are written in. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedPrograms } from '../consequences.ts'
import { linkerPage, signalPage } from '../sources.ts'

export const processCauses: readonly Cause[] = [
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
    explains: endedPrograms,
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
    explains: ['torch_child_failed', 'python_worker_died', 'vllm_engine_died', ...endedPrograms],
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
    explains: ['torch_child_failed', 'python_worker_died', ...endedPrograms],
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
    explains: endedPrograms,
    says: ({ program }) =>
      `${program ?? 'A program'} is not there, may not be executed, or is for another processor (exec format error: arm64 and amd64).`,
    fix: advice(
      'See whether it is in PATH, executable, and for this platform.',
      'command -v PROGRAM; file "$(command -v PROGRAM)"; uname -m',
    ),
    source: linkerPage,
  },
]
