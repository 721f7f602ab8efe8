/** Memory of the machine or the container ran out: the kernel's killer, limits of cgroups, allocations that failed. */

import { formatBytes } from '@hadal/base'
import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import {
  cgroupMemory,
  errnoPage,
  kernelOom,
  ollamaFaq,
  pythonErrors,
  signalPage,
  torchData,
} from '../sources.ts'

/** What a program that was killed leaves behind. */
const killed: readonly string[] = [
  'exit_137',
  'k8s_oom_killed',
  'python_worker_died',
  'torch_child_failed',
  'vllm_engine_died',
  'nccl_peer_gone',
  'nccl_watchdog_timeout',
  'bad_alloc',
  'malloc_failed',
  'oom_killer',
]

export const hostMemoryCauses: readonly Cause[] = [
  {
    id: 'cgroup_oom_killed',
    family: 'memory',
    title: 'The container reached its memory limit',
    severity: 'critical',
    weight: 5,
    shows: [
      /Memory cgroup out of memory: Kill(?:ed)? process (?<pid>\d{1,10}) \((?<process>[^)]{1,64})\)(?:.{0,80}?anon-rss:(?<anonKb>\d{1,15})kB)?/,
      /oom-kill:constraint=CONSTRAINT_MEMCG.{0,2000}?oom_memcg=(?<cgroup>[^,]{1,300}),task_memcg=[^,]{1,300},task=(?<process>[^,]{1,64}),pid=(?<pid>\d{1,10})/,
      /A process of this unit has been killed by the OOM killer/,
      /Failed with result 'oom-kill'/,
      // Slurm
      /\bDetected \d{1,6} oom[-_]kill event/i,
      /\bsrun: error: \S{1,80}: tasks? [\d,-]{1,40}: Out Of Memory/,
      /Task in (?<cgroup>\S{1,300}) killed as a result of limit of \S{1,300}/,
    ],
    explains: killed,
    says: ({ pid, process, anonKb }) =>
      `The kernel killed ${process ?? 'a process'}${withFigure(pid, (id) => ` (${id})`)}${withFigure(anonKb, (kb) => `, which held ${formatBytes(Number(kb) * 1_024)}`)}, because its control group, mostly a container, had reached its limit of memory.`,
    fix: advice(
      'Raise the limit (resources.limits.memory), or let the program need less: a model that is mapped counts too once it is read, and so do files in /dev/shm.',
      'kubectl describe pod POD | grep -A3 Limits; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.events',
    ),
    source: cgroupMemory,
  },
  {
    id: 'host_oom_killed',
    family: 'memory',
    title: 'The machine ran out of memory',
    severity: 'critical',
    weight: 5,
    shows: [
      /(?:^|[^p] )Out of memory: Kill(?:ed)? process (?<pid>\d{1,10}) \((?<process>[^)]{1,64})\)(?:.{0,80}?anon-rss:(?<anonKb>\d{1,15})kB)?/,
      /(?:^|[^p] )Out of memory: Kill(?:ed)? process (?<pid>\d{1,10}), UID \d{1,10}, \((?<process>[^)]{1,64})\)/,
      /oom-kill:constraint=CONSTRAINT_NONE.{0,2000}?,task=(?<process>[^,]{1,64}),pid=(?<pid>\d{1,10})/,
      /systemd-oomd\[\d{1,10}\]: Killed (?<process>\S{1,200}) due to memory/,
      /warning: System OOM encountered, victim process: (?<process>[^,]{1,64}), pid: (?<pid>\d{1,10})/i,
      /\bSystemOOM\b.{0,120}victim process: (?<process>[^,]{1,64}), pid: (?<pid>\d{1,10})/,
    ],
    explains: ['k8s_node_pressure', ...killed],
    says: ({ pid, process, anonKb }) =>
      `The machine had no memory left, and the kernel killed ${process ?? 'a process'}${withFigure(pid, (id) => ` (${id})`)}${withFigure(anonKb, (kb) => `, which held ${formatBytes(Number(kb) * 1_024)}`)}.`,
    fix: advice(
      'See what else uses memory, and give the machine more or the programs less; in Kubernetes, requests should say what is really used.',
      'sudo dmesg -T | grep -A60 "invoked oom-killer"; free -h; ps aux --sort=-rss | head',
    ),
    source: kernelOom,
  },
  {
    id: 'oom_killer',
    family: 'memory',
    title: 'The kernel looked for a process to kill',
    severity: 'error',
    weight: -1,
    shows: [/(?<process>\S{1,64}) invoked oom-killer:/],
    explains: ['exit_137', 'k8s_oom_killed'],
    says: ({ process }) =>
      `Memory ran out, of the machine or of a container, when ${process ?? 'a process'} asked for more; which process was killed for it, lines after this one say.`,
    fix: advice('Look at the whole report.', 'sudo dmesg -T | grep -A80 "invoked oom-killer"'),
    source: kernelOom,
  },
  {
    id: 'node_heap',
    family: 'node',
    title: "Node's heap is full",
    severity: 'error',
    weight: 5,
    shows: [
      /FATAL ERROR: .{0,120}JavaScript heap out of memory/,
      /Allocation failed - JavaScript heap out of memory/,
      /\bERR_WORKER_OUT_OF_MEMORY\b/,
      /Worker terminated due to reaching memory limit/,
    ],
    explains: ['process_aborted', 'k8s_container_failed'],
    says: plainly(
      "The heap of JavaScript reached V8's limit, which is below the machine's memory, and Node ended itself.",
    ),
    fix: advice(
      'Raise the limit if the work needs it; if the heap only ever grows, take a snapshot of it and see what holds on.',
      'NODE_OPTIONS=--max-old-space-size=8192 PROGRAM  # or --heapsnapshot-near-heap-limit=1',
    ),
    source: {
      title: 'Node.js: --max-old-space-size',
      url: 'https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib',
    },
  },
  {
    id: 'shm_too_small',
    family: 'memory',
    title: 'Shared memory (/dev/shm) is too small',
    severity: 'error',
    weight: 5,
    shows: [
      /workers are out of shared memory/,
      /unable to (?:write to file|allocate shared memory\(shm\) for file) <?\/torch_/,
      /unable to open shared memory object <?\/torch_.{0,120}No space left/,
      /OSError: \[Errno 28\] No space left on device: '\/dev\/shm/,
    ],
    explains: [
      'python_worker_died',
      'process_bus_error',
      'torch_child_failed',
      'disk_full',
      'nccl_watchdog_timeout',
    ],
    says: plainly(
      'Processes hand data to each other in /dev/shm, which in a container is only 64 MB unless it is set.',
    ),
    fix: advice(
      'Start the container with more (--shm-size or --ipc=host); in Kubernetes mount an emptyDir with medium Memory at /dev/shm; or use fewer workers.',
      'df -h /dev/shm; docker run --shm-size=8g IMAGE',
    ),
    source: torchData,
  },
  {
    id: 'torch_cpu_allocation',
    family: 'memory',
    title: 'PyTorch could not allocate host memory',
    severity: 'error',
    weight: 5,
    shows: [
      /DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate (?<bytes>\d{1,18}) bytes/,
      /\bnumpy\.(?:core\.|_core\.)?_exceptions\._ArrayMemoryError: Unable to allocate (?<requested>[\d.]{1,9} [KMGT]iB)/,
    ],
    explains: ['malloc_failed', 'torch_child_failed', 'vllm_engine_died', 'python_memory_error'],
    says: ({ bytes, requested }) =>
      `${withFigure(bytes, (count) => formatBytes(Number(count))) || requested || 'Memory'} of the machine's memory was asked for and not there: it is full, the container's limit is reached, or the size is wrong.`,
    fix: advice(
      'See how much is free and allowed; a size that is absurd tells of a wrong shape.',
      'free -h; cat /sys/fs/cgroup/memory.max; ulimit -v',
    ),
    source: errnoPage,
  },
  {
    id: 'ollama_model_above_memory',
    family: 'memory',
    title: "The model needs more than the machine's free memory",
    severity: 'error',
    weight: 5,
    shows: [
      /model requires more system memory \((?<needed>[\d.]{1,9} [KMGT]iB)\) than is available \((?<free>[\d.]{1,9} [KMGT]iB)\)/,
      /\bmodel request too large for system\b/,
    ],
    explains: ['llama_load_failed'],
    says: ({ needed, free }) =>
      `Ollama did not load the model: it needs ${needed ?? 'more'} of the machine's memory, and ${free ?? 'less'} is free.`,
    fix: advice(
      'Free memory or give the container more, or take a smaller quantisation or a shorter context (OLLAMA_CONTEXT_LENGTH).',
      'free -h; ollama ps; OLLAMA_CONTEXT_LENGTH=4096 ollama serve',
    ),
    source: ollamaFaq,
  },
  {
    id: 'malloc_failed',
    family: 'memory',
    title: 'An allocation of host memory failed',
    severity: 'error',
    shows: [
      /\bCannot allocate memory\b/,
      /\bENOMEM\b/,
      /memory allocation of (?<bytes>\d{1,18}) bytes failed/,
      /ggml_(?:aligned_malloc|backend_cpu_buffer_type_alloc_buffer).{0,60}(?:insufficient memory|failed to allocate)/,
      /mmap failed: Cannot allocate memory/,
      // Go
      /\bruntime: out of memory: cannot allocate (?<bytes>\d{1,18})-byte block/,
      /\bfatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)$/,
    ],
    explains: ['llama_load_failed', 'torch_child_failed', 'bad_alloc'],
    says: ({ bytes }) =>
      `The system refused${withFigure(bytes, (count) => ` ${formatBytes(Number(count))} of`)} memory: it is full, a limit (ulimit -v, cgroup) is reached, or overcommit is off.`,
    fix: advice(
      'See what is free and what is allowed.',
      'free -h; ulimit -a; cat /proc/sys/vm/overcommit_memory /sys/fs/cgroup/memory.max',
    ),
    source: errnoPage,
  },
  {
    id: 'bad_alloc',
    family: 'memory',
    title: 'C++ code could not get memory',
    severity: 'error',
    shows: [/\bstd::bad_alloc\b/, /\bstd::bad_array_new_length\b/],
    explains: ['process_aborted', 'torch_child_failed', 'vllm_engine_died', 'llama_load_failed'],
    says: plainly(
      'Native code asked for memory that was not to be had: the machine or the container is full, or a size is wrong, as in a damaged file.',
    ),
    fix: advice(
      'See what is free and allowed at that moment; if there is plenty, suspect the file that was being read.',
      'free -h; cat /sys/fs/cgroup/memory.max',
    ),
    source: errnoPage,
  },
  {
    id: 'python_memory_error',
    family: 'memory',
    title: 'Python ran out of memory',
    severity: 'error',
    shows: [/^MemoryError(?:$|: )/],
    says: plainly('An object did not fit in the memory that the machine or the container allows.'),
    fix: advice(
      'Read data in parts, and see what is free and allowed.',
      'free -h; cat /sys/fs/cgroup/memory.max; ulimit -v',
    ),
    source: pythonErrors,
  },
  {
    id: 'exit_137',
    family: 'memory',
    explains: [
      'torch_child_failed',
      'python_worker_died',
      'vllm_engine_died',
      'nccl_peer_gone',
      'k8s_crash_loop',
      'k8s_container_failed',
    ],
    title: 'Killed with SIGKILL (exit code 137)',
    severity: 'warning',
    weight: -1,
    shows: [
      /\bexit(?:ed|s)?(?: with)?(?: (?:code|status))?[ :=]{1,3}137\b/i,
      /\bexitcode *: -9\b/,
      /\b(?:exited|died|killed|terminated) (?:with|by|due to) (?:signal:? ?)?(?:SIGKILL|9\b)/i,
      /\bsignal: 'SIGKILL'/,
      /\bSignal 9 \(SIGKILL\) received by PID \d{1,10}/,
      /Main process exited, code=killed, status=9\/KILL/,
      /^(?:.{0,120}: line \d{1,6}: {1,3}\d{1,10} )?Killed(?: {2,}.{0,300})?$/,
    ],
    says: plainly(
      'Something killed the process with SIGKILL, which leaves no message of its own: most often memory ran out, sometimes a probe or a stop that took too long.',
    ),
    fix: advice(
      'Look at what the kernel or the kubelet says of that moment, and explain that file together with this one.',
      'sudo dmesg -T | grep -iE "out of memory|oom"; kubectl describe pod POD',
    ),
    source: signalPage,
  },
]
