/** Meaning and remedies of CUDA error classes: several codes share one. */

import type { CauseSeverity } from '../cause.ts'
import type { CauseSource } from '../sources.ts'
import { cudaCompatibility, fabricManager, memoryErrors, torchCuda, xidErrors } from '../sources.ts'

export interface CudaAdvice {
  readonly severity: CauseSeverity
  /** What it means, after the error's own words. */
  readonly means: string
  readonly fix: string
  readonly command?: string
  readonly source?: CauseSource
  /** Below 0 where another error usually says more. */
  readonly weight?: number
}

const kernelLog = 'sudo dmesg -T | grep -iE "nvrm|xid"'
const syncRun = 'CUDA_LAUNCH_BLOCKING=1 compute-sanitizer PROGRAM'

export type CudaAdviceName =
  | 'argument'
  | 'configuration'
  | 'memory'
  | 'initialization'
  | 'unloading'
  | 'profiler'
  | 'texture'
  | 'legacy'
  | 'stub'
  | 'driverOld'
  | 'driverOlder'
  | 'busy'
  | 'architecture'
  | 'noDevice'
  | 'ordinal'
  | 'licence'
  | 'installation'
  | 'image'
  | 'context'
  | 'interop'
  | 'ecc'
  | 'limit'
  | 'peer'
  | 'nvlink'
  | 'contained'
  | 'system'
  | 'handle'
  | 'notReady'
  | 'fault'
  | 'resources'
  | 'watchdog'
  | 'assertion'
  | 'pinned'
  | 'permission'
  | 'fabric'
  | 'mismatch'
  | 'compatibility'
  | 'mps'
  | 'nested'
  | 'capture'
  | 'waited'
  | 'graph'
  | 'external'
  | 'keys'
  | 'unknown'

export const cudaAdvice: Readonly<Record<CudaAdviceName, CudaAdvice>> = {
  argument: {
    severity: 'error',
    means:
      'The program called CUDA with a value that it does not accept: it is a fault of the program, not of the GPU.',
    fix: 'Run once with CUDA_LAUNCH_BLOCKING=1, so that the stack names the call, and report it with the versions of the library that made it.',
    command: 'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
  },
  configuration: {
    severity: 'error',
    means:
      'A kernel was launched with more threads, blocks or shared memory than this GPU allows, or with a size of 0: often an empty batch.',
    fix: 'Look for an empty or very large tensor in the call that the stack names with CUDA_LAUNCH_BLOCKING=1.',
    command: 'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
  },
  memory: {
    severity: 'error',
    means: 'The GPU had not enough free memory for what was asked.',
    fix: 'See who holds the memory; then ask for less: a smaller batch, a shorter context, fewer layers on the GPU, or a smaller quantisation.',
    command: 'nvidia-smi --query-compute-apps=pid,process_name,used_memory --format=csv',
  },
  initialization: {
    severity: 'error',
    means:
      'CUDA could not be initialised in this process. A process that was forked after its parent had used CUDA always sees this.',
    fix: 'Start workers with the spawn method, or touch CUDA in them only. If nothing is forked, see whether the driver answers at all.',
    command: 'nvidia-smi',
    source: torchCuda,
  },
  unloading: {
    severity: 'note',
    means: 'CUDA was called while the process was already ending. The reason why it ended stands earlier.',
    fix: 'Look at what was logged before it.',
    weight: -1,
  },
  profiler: {
    severity: 'note',
    means:
      "Two profilers, or a profiler's start and stop, were mixed. It does not change what the program computes.",
    fix: 'Run under one profiler at a time.',
  },
  texture: {
    severity: 'error',
    means: 'A texture or surface was used in a way that CUDA does not allow: it is a fault of the program.',
    fix: 'Report it with the versions of the library that made the call, or take a newer one of it.',
    command: 'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
  },
  legacy: {
    severity: 'error',
    means: 'Only programs for very old versions of CUDA report this.',
    fix: 'Take a build of the program for CUDA 12 or newer.',
  },
  stub: {
    severity: 'error',
    means:
      "The loader found the stub of libcuda that is meant for building only, before the driver's own library.",
    fix: "Take the folder `stubs` of the CUDA toolkit out of LD_LIBRARY_PATH, so that the driver's libcuda.so.1 is found.",
    command: 'ldconfig -p | grep libcuda.so; echo "$LD_LIBRARY_PATH"',
  },
  driverOld: {
    severity: 'critical',
    means:
      'The NVIDIA driver is older than the CUDA runtime of the program needs, or there is none: CUDA 11.4 needs 470.57.02, CUDA 12 needs 525, CUDA 13 needs 580.',
    fix: 'See which driver runs. Install a newer one, or take a build of the program for the CUDA version that nvidia-smi prints. In a container without the GPU the same is said.',
    command: 'nvidia-smi --query-gpu=driver_version --format=csv; cat /proc/driver/nvidia/version',
    source: cudaCompatibility,
  },
  driverOlder: {
    severity: 'error',
    means:
      'The program brings code that is newer than the driver can translate: the driver is older than the CUDA toolkit that it was built with.',
    fix: 'Install a driver for that CUDA version (525 for 12, 580 for 13), or take a build for an older one.',
    command: 'nvidia-smi --query-gpu=driver_version,compute_cap --format=csv',
    source: cudaCompatibility,
  },
  busy: {
    severity: 'error',
    means:
      'The GPU is in a mode in which one process has it alone, and another has it, or it is in a state in which nobody can have it.',
    fix: 'See who uses it and in which compute mode it is; end the other process, or set the mode to DEFAULT.',
    command:
      'nvidia-smi --query-gpu=index,compute_mode --format=csv; nvidia-smi --query-compute-apps=pid,process_name --format=csv',
  },
  architecture: {
    severity: 'error',
    means: 'The program has no kernels for this GPU: it was not built for its compute capability.',
    fix: 'Compare the compute capability with what the build was made for, and take a build that has it (for PyTorch: torch.cuda.get_arch_list()).',
    command: 'nvidia-smi --query-gpu=name,compute_cap --format=csv',
    source: cudaCompatibility,
  },
  noDevice: {
    severity: 'critical',
    means:
      'CUDA sees no GPU: none is there, the container was started without one, CUDA_VISIBLE_DEVICES hides it, or it fell off the bus.',
    fix: 'See whether nvidia-smi lists it here. If it does, look at CUDA_VISIBLE_DEVICES; in a container, start it with the GPU; on the host, look for Xid lines.',
    command: 'nvidia-smi -L; echo "$CUDA_VISIBLE_DEVICES"; ls -l /dev/nvidia*',
  },
  ordinal: {
    severity: 'error',
    means:
      'The program asked for a GPU by a number that is not there. Numbers count from 0 and only over those in CUDA_VISIBLE_DEVICES.',
    fix: 'Compare the number asked for with the list; a launcher may start more processes than there are GPUs.',
    command: 'nvidia-smi -L; echo "$CUDA_VISIBLE_DEVICES"',
  },
  licence: {
    severity: 'error',
    means: 'The virtual GPU has no licence, so CUDA is refused or slowed.',
    fix: 'See the state of the licence, and give the machine its licence token.',
    command: 'nvidia-smi -q | grep -A2 -i license',
  },
  installation: {
    severity: 'error',
    means: 'A library of CUDA is missing, damaged or of another version than the rest.',
    fix: 'See which ones are loaded, and install driver and toolkit again, from one source.',
    command: 'ldconfig -p | grep -E "libcuda|libnvidia-ptxjitcompiler|libcudart"',
  },
  image: {
    severity: 'error',
    means:
      'The code for the GPU could not be loaded: the file is damaged, or it was built for another GPU or a newer CUDA.',
    fix: 'Clear the cache of compiled kernels and try again; otherwise install the program again, built for this GPU.',
    command: 'nvidia-smi --query-gpu=name,compute_cap,driver_version --format=csv',
  },
  context: {
    severity: 'error',
    means:
      'A call came in a context that is not there or not that of its thread: a fault of the program, or what follows after an earlier error.',
    fix: 'Look for the first CUDA error before it; if there is none, report it with versions.',
    weight: -1,
  },
  interop: {
    severity: 'error',
    means: 'Memory shared with graphics was used in a way that CUDA does not allow: a fault of the program.',
    fix: 'Report it with the versions of the library that made the call.',
  },
  ecc: {
    severity: 'critical',
    means:
      'The GPU memory gave wrong bits that error correction could not mend. What was computed with them is lost.',
    fix: 'Look for Xid 48, 63, 64, 94 or 95 and the counters; restart the program, reset the GPU if rows are to be remapped, and replace it if that fails.',
    command: 'nvidia-smi -q -d ECC,ROW_REMAPPER',
    source: memoryErrors,
  },
  limit: {
    severity: 'error',
    means: 'This GPU does not have the limit or feature that was asked for.',
    fix: 'Take a build of the program that supports this GPU.',
    command: 'nvidia-smi --query-gpu=name,compute_cap --format=csv',
  },
  peer: {
    severity: 'error',
    means: 'One GPU was to reach the memory of another, which these two cannot, or not in this state.',
    fix: 'See how they are connected; turn peer access off (NCCL_P2P_DISABLE=1), and look at IOMMU and ACS if it should work.',
    command: 'nvidia-smi topo -m',
  },
  nvlink: {
    severity: 'critical',
    means: 'A transfer over NVLink failed and could not be mended.',
    fix: 'Look for Xid 74 or 144-150, and at the error counters of the links; reset the GPUs, and have the link checked if it comes again.',
    command: 'nvidia-smi nvlink -e',
    source: xidErrors,
  },
  contained: {
    severity: 'critical',
    means:
      "A hardware error, of this GPU's memory or of another's over NVLink, was contained: only this program is lost.",
    fix: 'Restart the program; match it with Xid 94 in the kernel log, and replace the GPU if it comes often.',
    command: kernelLog,
    source: xidErrors,
  },
  system: {
    severity: 'error',
    means: 'The operating system refused what CUDA asked: page locking, shared memory or a device file.',
    fix: 'Look at the limits of locked and shared memory and at the rights of /dev/nvidia*.',
    command: 'ulimit -l; df -h /dev/shm; ls -l /dev/nvidia*',
  },
  handle: {
    severity: 'error',
    means:
      'A stream, event, graph or function was used that is not valid here: destroyed, of another GPU, or not loaded.',
    fix: 'Run once with CUDA_LAUNCH_BLOCKING=1, so that the stack names the call, and report it with versions.',
    command: 'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
  },
  notReady: {
    severity: 'note',
    means: 'Work that was asked about is not finished yet, which is an answer and no fault.',
    fix: 'Nothing, unless the program ended with it: then report it.',
    weight: -2,
  },
  fault: {
    severity: 'error',
    means:
      'A kernel on the GPU did something that it must not, most often an access outside its memory. The process cannot use the GPU any more. The stack may name a later call than the one at fault.',
    fix: 'Restart the program. To find the call, run once with CUDA_LAUNCH_BLOCKING=1 or under compute-sanitizer; Xid 13 or 31 in the kernel log tells the same. If other programs fail so, too, suspect the GPU.',
    command: syncRun,
    source: xidErrors,
  },
  resources: {
    severity: 'error',
    means: 'A kernel needs more registers, threads, shared memory or blocks at once than this GPU has.',
    fix: 'Take smaller blocks or a build for this GPU.',
    command: 'nvidia-smi --query-gpu=name,compute_cap --format=csv',
  },
  watchdog: {
    severity: 'error',
    means: 'A kernel ran longer than the GPU lets it while it also drives a display.',
    fix: 'Compute on a GPU without a display, or split the work into shorter kernels.',
    command: 'nvidia-smi --query-gpu=index,display_active --format=csv',
  },
  assertion: {
    severity: 'error',
    means:
      'A kernel checked its input and refused it: nearly always an index out of range, such as a label not below the number of classes or a token not in the vocabulary. The process cannot use the GPU any more.',
    fix: 'Look for the line "Assertion `...` failed" before it, which names the kernel; check labels and token ids; on the CPU the same call gives a clear message.',
    command: 'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
    source: torchCuda,
  },
  pinned: {
    severity: 'error',
    means:
      'Host memory was to be page-locked twice, or unlocked without having been locked: a fault of the program.',
    fix: 'Report it with the versions of the library that made the call.',
  },
  permission: {
    severity: 'error',
    means: 'The operation is not allowed or not supported on this GPU, with this driver or for this user.',
    fix: 'See GPU, driver and mode: virtual GPUs, MIG and MPS lack some operations, and profiling needs rights.',
    command: 'nvidia-smi -q | grep -iE "product name|driver version|virtualization mode|mig mode" -A1',
  },
  fabric: {
    severity: 'critical',
    means:
      'The GPUs hang together by NVSwitch, and the fabric manager that connects them does not run or is of another version than the driver.',
    fix: 'Start nvidia-fabricmanager in exactly the version of the driver, and see whether the fabric is up.',
    command: 'systemctl status nvidia-fabricmanager; nvidia-smi -q | grep -A4 Fabric',
    source: fabricManager,
  },
  mismatch: {
    severity: 'critical',
    means:
      "The driver's kernel module and its libraries are of different versions: it was updated while the old module stayed loaded.",
    fix: 'Reboot, or unload the nvidia modules and load them again; in a container, restart it after the update of the host.',
    command: 'cat /proc/driver/nvidia/version; nvidia-smi; sudo reboot',
  },
  compatibility: {
    severity: 'error',
    means:
      'The container brings the compatibility libraries of a newer CUDA, which only data centre GPUs may use with an older driver.',
    fix: 'Install the newer driver on the host, or take an image for the CUDA version that the driver has; do not put /usr/local/cuda/compat into LD_LIBRARY_PATH.',
    command: 'nvidia-smi --query-gpu=name,driver_version --format=csv; echo "$LD_LIBRARY_PATH"',
    source: cudaCompatibility,
  },
  mps: {
    severity: 'error',
    means: 'The Multi-Process Service between programs and GPU is gone, full, or restarting.',
    fix: 'See whether the control daemon runs, and read its log; restart it when no client is left.',
    command: 'pgrep -a nvidia-cuda-mps; tail -n 50 /var/log/nvidia-mps/control.log',
  },
  nested: {
    severity: 'error',
    means: 'Kernels that launch kernels went deeper, or more were pending, than this set-up allows.',
    fix: 'Take a build without dynamic parallelism, or raise the limit where the program has one.',
  },
  capture: {
    severity: 'error',
    means:
      'A CUDA graph was being recorded, and something was called that cannot be in one: an allocation, a synchronisation, or work on another stream.',
    fix: 'Run without CUDA graphs (vLLM: --enforce-eager; llama.cpp: GGML_CUDA_DISABLE_GRAPHS=1) to see the error that lies beneath.',
    command: 'GGML_CUDA_DISABLE_GRAPHS=1 PROGRAM',
    source: torchCuda,
  },
  waited: {
    severity: 'error',
    means: 'CUDA waited for something longer than it may.',
    fix: 'Look for Xid lines and for another process that holds the GPU.',
    command: kernelLog,
  },
  graph: {
    severity: 'error',
    means: 'A recorded CUDA graph was to be changed in a way that needs recording it anew.',
    fix: 'Run without CUDA graphs, and report it with versions.',
    command: 'GGML_CUDA_DISABLE_GRAPHS=1 PROGRAM',
  },
  external: {
    severity: 'error',
    means:
      'Something beside CUDA, such as a network card or another driver, failed in work that CUDA waited for.',
    fix: 'Look at the kernel log for the device that failed.',
    command: 'sudo dmesg -T | tail -n 100',
  },
  keys: {
    severity: 'warning',
    means: 'In confidential computing the keys between host and GPU were being changed.',
    fix: 'Try again; if it stays, restart the program.',
  },
  unknown: {
    severity: 'error',
    means:
      'The driver does not say more: the reason stands in the kernel log, if anywhere. After suspend, or with a half-loaded driver, it is common.',
    fix: 'Look for Xid lines; reload nvidia_uvm or reboot if there are none.',
    command: kernelLog,
    weight: -1,
  },
}
