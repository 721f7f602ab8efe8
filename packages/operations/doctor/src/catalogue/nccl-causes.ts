/** Causes in GPU communication: NCCL and PyTorch process groups, from root causes to consequences. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import { ncclCode, ncclEnvironment, ncclTroubleshooting, ncclTypes, torchDistributed } from './sources.ts'

const debug = 'NCCL_DEBUG=INFO NCCL_DEBUG_SUBSYS=INIT,NET PROGRAM'
const interfaces = 'ip -brief addr; export NCCL_SOCKET_IFNAME=eth0'

/** What other ranks say once one has failed. */
const others: readonly string[] = [
  'nccl_unhandled_system_error',
  'nccl_unhandled_cuda_error',
  'nccl_internal_error',
  'nccl_remote_error',
  'nccl_peer_gone',
  'nccl_watchdog_timeout',
  'nccl_aborted',
  'torch_store_lost',
  'torch_child_failed',
  'vllm_engine_died',
]

export const ncclCauses: readonly Cause[] = [
  {
    id: 'nccl_shm_too_small',
    family: 'nccl',
    title: 'NCCL has too little shared memory',
    severity: 'error',
    weight: 5,
    shows: [
      /NCCL WARN .{0,60}failed to extend (?<path>\S{1,120}) to (?<bytes>\d{1,15}) bytes/,
      /Error while (?:creating|attaching to) shared memory segment (?<path>\S{1,120}) \(size (?<bytes>\d{1,15})\)/,
      /NCCL WARN .{0,60}Call to shm_open failed : .{1,60}/,
      /NCCL WARN .{0,60}Call to posix_fallocate failed : No space left on device/,
    ],
    explains: ['disk_full', 'process_bus_error', ...others],
    says: ({ bytes }) =>
      `NCCL could not get${withFigure(bytes, (count) => ` ${count} bytes of`)} shared memory: /dev/shm is full, which in a container has only 64 MB unless it is set, or may not be written.`,
    fix: advice(
      'Start the container with --shm-size=1g or more, or --ipc=host; in Kubernetes mount an emptyDir with medium Memory at /dev/shm.',
      'df -h /dev/shm; docker run --shm-size=8g IMAGE',
    ),
    source: ncclTroubleshooting,
  },
  {
    id: 'nccl_no_interface',
    family: 'nccl',
    title: 'NCCL finds no network interface',
    severity: 'error',
    weight: 5,
    shows: [
      /Bootstrap : no socket interface found/,
      /NET\/Socket : (?:no|No usable listening) interface found/,
      /NCCL WARN .{0,40}No interface found/,
    ],
    explains: others,
    says: plainly('No interface is up that fits what NCCL_SOCKET_IFNAME asks for, so the ranks cannot meet.'),
    fix: advice('Name an interface that is there on every machine, or unset the variable.', interfaces),
    source: ncclEnvironment,
  },
  {
    id: 'nccl_no_network',
    family: 'nccl',
    title: 'NCCL can use no network',
    severity: 'error',
    weight: 5,
    shows: [/Failed to initialize any NET plugin/],
    explains: ['nccl_invalid_usage', ...others],
    says: plainly('None of its networks starts: InfiniBand, sockets or the plugin that NCCL_NET names.'),
    fix: advice(
      'Unset NCCL_NET and NCCL_NET_PLUGIN, or name one that is installed; see what it says with NCCL_DEBUG=INFO.',
      debug,
    ),
    source: ncclEnvironment,
  },
  {
    id: 'nccl_connect_failed',
    family: 'nccl',
    title: 'NCCL cannot connect to another rank',
    severity: 'error',
    weight: 5,
    shows: [
      /NCCL WARN .{0,60}connect(?:ion)? to (?<peer>\S{1,80}) failed : (?<reason>.{1,80})/i,
      /NCCL WARN .{0,40}(?:socketPollConnect|socketStartConnect|SocketPollConnect).{0,20}connect(?: to)? (?<peer>\S{1,80}) (?:failed|returned|with error)(?: with error| :)?(?<reason>.{1,80})/,
      /(?:socketStartConnect|[sS]ocketPollConnect|socketProgress): [Cc]onnect to (?<peer>\S{1,80}) failed : (?<reason>.{1,80})/,
      /NCCL WARN .{0,40}Net : Connect to (?<peer>\S{1,80}) failed : (?<reason>.{1,80})/i,
    ],
    explains: ['network_refused', 'network_timeout', 'network_no_route', ...others],
    says: ({ peer, reason }) =>
      `NCCL could not connect to ${peer ?? 'another rank'}${withFigure(reason, (text) => `: ${text.trim()}`)}. The wrong interface, a firewall, or a rank that is not there.`,
    fix: advice(
      'Let NCCL use the interface over which the machines reach each other, and open ports between them.',
      interfaces,
    ),
    source: ncclTroubleshooting,
  },
  {
    id: 'nccl_version_mismatch',
    family: 'nccl',
    title: 'Ranks use different versions of NCCL',
    severity: 'error',
    weight: 5,
    shows: [
      /Mismatched NCCL version detected : rank (?<rank>\d{1,6}) version (?<version>\d{3,8}) rank \d{1,6} version (?<other>\d{3,8})/,
      /NCCL version mismatch with remote peer \S{1,80} \(local: (?<version>[\w.+]{1,40}), remote (?<other>[\w.+]{1,40})\)/,
      /Bootstrap Root : mismatch in rank count|mismatch in info from procs/,
    ],
    explains: others,
    says: ({ version, other }) =>
      `The processes of one job do not fit together${withFigure(version, (mine) => `: NCCL ${mine} here, ${other ?? 'another'} there`)}.`,
    fix: advice(
      'Run the same image on every machine, and see that LD_LIBRARY_PATH brings no other libnccl.',
      'python3 -c "import torch; print(torch.cuda.nccl.version())"; ldconfig -p | grep nccl',
    ),
    source: ncclCode,
  },
  {
    id: 'nccl_driver_too_old',
    family: 'nccl',
    title: 'The driver is too old for NCCL',
    severity: 'critical',
    weight: 5,
    shows: [
      /CUDA Driver version found is (?<found>\d{4,6})\. Minimum requirement is (?<needed>\d{4,6})/,
      /NCCL WARN .{0,40}Cuda failure .{0,10}'CUDA driver version is insufficient/,
    ],
    explains: ['cuda_insufficient_driver', ...others],
    says: ({ found, needed }) =>
      `NCCL needs a newer driver${withFigure(found, (version) => `: CUDA ${version} is there, ${needed ?? 'a newer one'} is needed`)}.`,
    fix: advice('Install a newer driver.', 'nvidia-smi --query-gpu=driver_version --format=csv'),
    source: ncclCode,
  },
  {
    id: 'nccl_ib_failed',
    family: 'nccl',
    title: 'InfiniBand or RoCE fails under NCCL',
    severity: 'error',
    weight: 5,
    shows: [
      /NET\/IB ?: Got completion from peer (?<peer>\S{1,80}) with (?:status|error)[ =](?<reason>\w{1,40}).{0,400}/,
      /NET\/IB ?: Got async event ?: ?(?<reason>.{1,60})/,
      /Call to ibv_(?<call>\w{3,30}) failed(?: with)?(?: error)? ?(?<reason>.{0,80})/,
      /ibv_(?:reg_mr|create_qp|modify_qp|poll_cq)(?:_iova2)? failed/,
    ],
    explains: others,
    says: ({ peer, call, reason }) =>
      `NCCL's transfer over InfiniBand or RoCE failed${withFigure(call, (name) => ` in ibv_${name}`)}${withFigure(peer, (name) => ` to ${name}`)}${withFigure(reason, (text) => `: ${text.trim()}`)}.`,
    fix: advice(
      'Look at ports and counters; raise the limit of locked memory (ulimit -l unlimited); for RoCE set NCCL_IB_GID_INDEX; NCCL_IB_DISABLE=1 tells whether the network is to blame.',
      'ibstat; ibdev2netdev; ulimit -l',
    ),
    source: ncclTroubleshooting,
  },
  {
    id: 'nccl_network_completion',
    family: 'nccl',
    title: 'A transport between two ranks is missing',
    severity: 'error',
    shows: [/No transport found for rank (?<rank>\d{1,6})/, /failed to peer with device (?<gpu>\d{1,3})/],
    explains: others,
    says: ({ rank, gpu }) =>
      `Two GPUs cannot reach each other${withFigure(rank, (number) => ` (rank ${number})`)}${withFigure(gpu, (number) => ` (device ${number})`)}: peer access and shared memory are off or refused.`,
    fix: advice('See the topology; try NCCL_P2P_DISABLE=1, and look at IOMMU and ACS.', 'nvidia-smi topo -m'),
    source: ncclTroubleshooting,
  },
  {
    id: 'nccl_watchdog_timeout',
    family: 'nccl',
    title: 'A collective operation of NCCL timed out',
    severity: 'error',
    shows: [
      /(?:\[Rank (?<rank>\d{1,6})\] )?Watchdog caught collective operation timeout: WorkNCCL\(SeqNum=(?<sequence>\d{1,12}), OpType=(?<operation>\w{1,40}).{0,120}?ran for (?<millis>\d{1,12}) milliseconds/,
      /\[Rank (?<rank>\d{1,6})\] Received a (?:global )?dump signal due to a collective timeout/,
      /Timed out initializing process group in store based barrier on rank:? ?(?<rank>\d{1,6})/,
      /Timeout waiting for key: .{1,120} after \d{1,9} ms/,
    ],
    explains: [
      'nccl_aborted',
      'nccl_peer_gone',
      'torch_store_lost',
      'torch_child_failed',
      'process_aborted',
      'nccl_remote_error',
    ],
    says: ({ rank, operation, sequence, millis }) =>
      `${withFigure(rank, (number) => `Rank ${number}`) || 'A rank'} waited${withFigure(millis, (count) => ` ${Math.round(Number(count) / 1_000)} s`)} in ${operation ?? 'a collective operation'}${withFigure(sequence, (number) => ` (number ${number})`)} for the others: one of them crashed, is slow, or took another way through the program.`,
    fix: advice(
      'Find the rank that stopped first: the lowest last completed number, or an error before this one in its log. Ranks must call the same operations in the same order; long work of one (saving, evaluating) needs a longer timeout.',
      'TORCH_NCCL_TRACE_BUFFER_SIZE=2000 TORCH_NCCL_DUMP_ON_TIMEOUT=1 NCCL_DEBUG=INFO PROGRAM',
    ),
    source: torchDistributed,
  },
  {
    id: 'nccl_peer_gone',
    family: 'nccl',
    title: 'Another rank is gone',
    severity: 'error',
    weight: -1,
    shows: [
      /Connection closed by remote peer(?: (?<peer>\S{1,80}))?/,
      /NCCL WARN .{0,80}(?:Connection reset by peer|Broken pipe|socket closed|peer .{1,60} closed)/,
      /ncclRemoteError: A call failed possibly due to a network error or a remote process exiting prematurely/,
      /NCCL WARN .{0,60}Call to recv from (?<peer>\S{1,80}) failed/,
    ],
    explains: [
      'nccl_unhandled_system_error',
      'nccl_remote_error',
      'nccl_aborted',
      'torch_child_failed',
      'network_reset',
    ],
    says: ({ peer }) =>
      `The connection to another rank${withFigure(peer, (name) => ` (${name})`)} was closed: that process ended first. The reason is in its log, not in this one.`,
    fix: advice(
      'Explain the log of the rank that ended first together with this one; look for OOM and signals on its machine.',
      debug,
    ),
    source: ncclTypes,
  },
  {
    id: 'nccl_unhandled_system_error',
    family: 'nccl',
    title: 'NCCL: unhandled system error',
    severity: 'error',
    weight: -1,
    shows: [
      /\bncclSystemError\b/,
      /unhandled system error(?:,| \(run with)/,
      /NCCL [Ee]rror.{0,80}unhandled system error/,
    ],
    explains: ['torch_child_failed', 'vllm_engine_died', 'nccl_aborted'],
    says: plainly(
      'A call to the system failed under NCCL: a socket, shared memory or a device. The line "NCCL WARN" before it says which.',
    ),
    fix: advice(
      'Run with NCCL_DEBUG=INFO and look for the first NCCL WARN; check the interface and /dev/shm.',
      debug,
    ),
    source: ncclTypes,
  },
  {
    id: 'nccl_unhandled_cuda_error',
    family: 'nccl',
    title: 'NCCL: unhandled CUDA error',
    severity: 'error',
    weight: -1,
    shows: [
      /\bncclUnhandledCudaError\b/,
      /unhandled cuda error(?:,| \(run with)/,
      /NCCL [Ee]rror.{0,80}unhandled cuda error/,
    ],
    explains: ['torch_child_failed', 'vllm_engine_died', 'nccl_aborted', 'nccl_watchdog_timeout'],
    says: plainly(
      'A CUDA call failed under NCCL. The line "Cuda failure" of NCCL says which; often two ranks use one GPU, or an earlier kernel failed.',
    ),
    fix: advice(
      'Run with NCCL_DEBUG=WARN and look for "Cuda failure"; see that each rank has a GPU of its own.',
      debug,
    ),
    source: ncclTypes,
  },
  {
    id: 'nccl_duplicate_gpu',
    family: 'nccl',
    title: 'Two ranks use the same GPU',
    severity: 'error',
    weight: 5,
    shows: [
      /Duplicate GPU detected : rank (?<rank>\d{1,6}) and rank (?<other>\d{1,6}) both on CUDA device (?<gpu>[0-9a-f:.]{1,16})/,
    ],
    explains: ['nccl_invalid_usage', ...others],
    says: ({ rank, other, gpu }) =>
      `Ranks ${rank ?? '?'} and ${other ?? '?'} both use the GPU ${gpu ?? ''}: NCCL needs one for each.`,
    fix: advice(
      'Set the device from LOCAL_RANK before anything else, and start no more processes than GPUs.',
      'nvidia-smi -L; torchrun --nproc-per-node GPUS PROGRAM',
    ),
    source: ncclCode,
  },
  {
    id: 'nccl_invalid_usage',
    family: 'nccl',
    title: 'NCCL: invalid usage',
    severity: 'error',
    weight: -1,
    shows: [/\bnccl(?:InvalidUsage|InvalidArgument)\b/, /NCCL [Ee]rror.{0,80}invalid (?:usage|argument)/],
    explains: ['torch_child_failed', 'vllm_engine_died'],
    says: plainly(
      'The program called NCCL in a way that it does not allow: two ranks on one GPU, tensors on another GPU, or calls that do not match.',
    ),
    fix: advice('Look for the first NCCL WARN, which names it.', 'NCCL_DEBUG=WARN PROGRAM'),
    source: ncclTypes,
  },
  {
    id: 'nccl_internal_error',
    family: 'nccl',
    title: 'NCCL: internal error',
    severity: 'error',
    weight: -1,
    shows: [/\bncclInternalError\b/, /NCCL [Ee]rror.{0,80}internal error/],
    explains: ['torch_child_failed', 'vllm_engine_died', 'nccl_aborted'],
    says: plainly(
      'NCCL failed in itself: mostly a topology that it cannot read, or memory that another program has overwritten.',
    ),
    fix: advice('Look for the first NCCL WARN, and try a newer NCCL.', debug),
    source: ncclTypes,
  },
  {
    id: 'nccl_remote_error',
    family: 'nccl',
    title: 'NCCL: remote error',
    severity: 'error',
    weight: -1,
    shows: [/\bncclRemoteError\b/, /NCCL [Ee]rror.{0,80}remote process exited or there was a network error/],
    explains: ['nccl_aborted', 'torch_child_failed', 'vllm_engine_died'],
    says: plainly('Another process of the job ended, or the network between them failed.'),
    fix: advice('Explain the logs of all ranks together: the first to fail has the reason.', debug),
    source: ncclTypes,
  },
  {
    id: 'nccl_aborted',
    family: 'nccl',
    title: 'NCCL communicator was aborted',
    severity: 'warning',
    weight: -2,
    shows: [
      /NCCL communicator was aborted on rank (?<rank>\d{1,6})/,
      /Some NCCL operations have failed or timed out/,
    ],
    explains: ['torch_child_failed'],
    says: plainly('Communication was ended after an earlier error.'),
    fix: advice('Look at what was logged before it, in all ranks.'),
    source: torchDistributed,
  },
  {
    id: 'torch_store_lost',
    family: 'nccl',
    title: 'The meeting point of the ranks is gone',
    severity: 'error',
    weight: -1,
    shows: [
      /The client socket has (?:timed out after \S{1,20} while trying to connect to|failed to connect to any network address of) \(?(?<peer>[^)\s]{1,80})/,
      /\bTCPStore\b.{0,120}(?:recvValue failed|Broken pipe|Connection reset|failed to recv)/,
      /DistStoreError: |DistNetworkError: |RendezvousTimeoutError/,
      /store->get\('[^']{1,60}'\) got error/,
    ],
    explains: ['nccl_aborted', 'torch_child_failed'],
    says: ({ peer }) =>
      `The process that all ranks meet at${withFigure(peer, (name) => ` (${name})`)} cannot be reached: rank 0 has ended or not started, or address, port or firewall is wrong.`,
    fix: advice(
      'See that rank 0 runs and MASTER_ADDR and MASTER_PORT are reached from here; if it ended, its log has the reason.',
      'nc -vz "$MASTER_ADDR" "$MASTER_PORT"',
    ),
    source: torchDistributed,
  },
  {
    id: 'torch_child_failed',
    family: 'nccl',
    title: 'A process of the job failed',
    severity: 'error',
    weight: -1,
    shows: [
      /\bChildFailedError\b/,
      /torch\.multiprocessing\.spawn\.Process(?:Raised|Exited)Exception/,
      /Sending process (?<pid>\d{1,10}) closing signal SIGTERM/,
      /^ *exitcode *: (?<code>-?\d{1,3}) \(pid: (?<pid>\d{1,10})\)/,
    ],
    says: ({ pid, code }) =>
      `The launcher ended the job because one process failed${withFigure(pid, (id) => ` (${id}`)}${withFigure(pid && code, (number) => `, exit code ${number}`)}${pid === undefined ? '' : ')'}; why, that process says.`,
    fix: advice(
      'Look at the log of the first failed rank; torchrun keeps one for each with --log-dir and --redirects 3.',
      'torchrun --redirects 3 --log-dir logs PROGRAM',
    ),
    source: torchDistributed,
  },
]
