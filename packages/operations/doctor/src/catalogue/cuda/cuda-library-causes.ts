/** CUDA failures as worded by PyTorch, cuBLAS, cuDNN, JAX and llama.cpp. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { cublas, cudaCompatibility, cudnn, llamaCode, torchCuda } from '../sources.ts'

export const cudaLibraryCauses: readonly Cause[] = [
  {
    id: 'cuda_forked',
    family: 'cuda',
    title: 'CUDA used in a forked process',
    severity: 'error',
    shows: [/Cannot re-initialize CUDA in forked subprocess/],
    explains: ['cuda_not_initialized', 'torch_child_failed', 'vllm_engine_died', 'python_worker_died'],
    says: plainly(
      'A process was forked after its parent had used CUDA, and a CUDA context does not survive that.',
    ),
    fix: advice(
      'Start workers with the spawn method, and touch CUDA only in them.',
      'export VLLM_WORKER_MULTIPROC_METHOD=spawn  # or multiprocessing.set_start_method("spawn")',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_driver_too_old',
    family: 'cuda',
    title: 'NVIDIA driver too old for this PyTorch',
    severity: 'critical',
    weight: 5,
    shows: [
      /The NVIDIA driver on your system is too old \(found version (?<found>\d{4,6})\)/,
      /CUDA driver version \(?(?<found>[\d.]{3,12})\)? (?:is older than|is too old)/i,
    ],
    explains: [
      'torch_cuda_unavailable',
      'cuda_insufficient_driver',
      'vllm_no_platform',
      'vllm_engine_died',
      'torch_child_failed',
    ],
    says: ({ found }) =>
      `The driver is older than this build of PyTorch needs${withFigure(found, (text) => `: it offers CUDA ${cudaVersion(text)}`)}.`,
    fix: advice(
      'Install a newer driver (525 for CUDA 12, 580 for CUDA 13), or the build of PyTorch for the CUDA version that nvidia-smi prints.',
      'nvidia-smi; python3 -c "import torch; print(torch.version.cuda)"',
    ),
    source: cudaCompatibility,
  },
  {
    id: 'driver_not_found',
    family: 'driver',
    title: 'No NVIDIA driver on this machine or in this container',
    severity: 'critical',
    weight: 5,
    shows: [
      /Found no NVIDIA driver on your system/,
      /\b(?:libcuda\.so\.1|libnvidia-ml\.so\.1): cannot open shared object file(?:: No such file or directory)?/,
      /could not select device driver "?(?:nvidia)?"? with capabilities: \[\[gpu\]\]/,
      /nvidia-container-cli(?:\.real)?: initialization error: (?:load library failed|nvml error: driver not loaded)/,
    ],
    explains: [
      'torch_cuda_unavailable',
      'cuda_no_device',
      'cuda_insufficient_driver',
      'python_library_missing',
      'vllm_no_platform',
      'vllm_engine_died',
      'llama_no_gpu',
      'k8s_container_create',
      'k8s_crash_loop',
    ],
    says: plainly(
      'The program found no NVIDIA driver: none is installed or loaded, or the container was started without its libraries.',
    ),
    fix: advice(
      'On the host nvidia-smi has to work first. For containers, install the NVIDIA Container Toolkit and start with the GPU.',
      'nvidia-smi; docker run --rm --gpus all IMAGE nvidia-smi',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_cuda_unavailable',
    family: 'cuda',
    title: 'PyTorch sees no GPU',
    severity: 'error',
    weight: -1,
    shows: [
      /\bNo CUDA GPUs are available\b/,
      /Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False/,
      /CUDA driver initialization failed, you might not have a CUDA gpu/,
    ],
    explains: ['torch_child_failed', 'vllm_engine_died'],
    says: plainly('PyTorch was told to use a GPU and sees none.'),
    fix: advice(
      'See whether nvidia-smi lists the GPU here and CUDA_VISIBLE_DEVICES does not hide it; to load such a file without a GPU, give map_location="cpu".',
      'nvidia-smi -L; python3 -c "import torch; print(torch.version.cuda, torch.cuda.is_available())"',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_without_cuda',
    family: 'python',
    title: 'A build of PyTorch without CUDA',
    severity: 'error',
    shows: [/Torch not compiled with CUDA enabled/],
    explains: ['torch_cuda_unavailable', 'torch_child_failed', 'vllm_engine_died'],
    says: plainly('The PyTorch that is installed was built for CPUs only.'),
    fix: advice(
      'Install the build for the CUDA version of the driver; pip may have taken the CPU build because of another index or platform.',
      'python3 -c "import torch; print(torch.__version__, torch.version.cuda)"',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_architecture_unsupported',
    family: 'cuda',
    title: 'This PyTorch has no kernels for the GPU',
    severity: 'error',
    weight: 5,
    shows: [
      /with CUDA capability (?<architecture>sm_\d{2,3}a?) is not compatible with the current PyTorch installation/,
      /Found GPU\d+ (?<gpu>.{1,60}?) which is of (?:cuda )?(?:compute )?capability (?<architecture>[\d.]{1,5})/,
      /\bggml was not compiled with support for this arch|CUDA kernel \w{1,60} has no device code compatible with CUDA arch (?<architecture>\d{3,4})/,
    ],
    explains: [
      'cuda_no_binary_for_gpu',
      'cuda_invalid_device_function',
      'torch_child_failed',
      'vllm_engine_died',
      'process_aborted',
    ],
    says: ({ architecture }) =>
      `The program was built for other GPUs: it has no kernels for ${architecture ?? 'this one'}.`,
    fix: advice(
      'Take a build that has this architecture: newer GPUs need a newer CUDA, older ones an older build.',
      'nvidia-smi --query-gpu=name,compute_cap --format=csv; python3 -c "import torch; print(torch.cuda.get_arch_list())"',
    ),
    source: cudaCompatibility,
  },
  {
    id: 'index_out_of_range',
    family: 'cuda',
    title: 'Index out of range in a GPU kernel',
    severity: 'error',
    weight: 5,
    shows: [
      /(?<kernel>[\w./-]{1,120}\.cuh?):(?<line>\d{1,6}): .{0,300}Assertion `(?<check>[^`']{1,200})['`] failed/,
      /^(?<kernel>[\w./-]{1,120}\.cuh?):(?<line>\d{1,6}): .{0,120}block: \[\d+,\d+,\d+\]/,
    ],
    explains: [
      'cuda_assert',
      'cuda_illegal_address',
      'cublas_failed',
      'cudnn_failed',
      'torch_child_failed',
      'nccl_unhandled_cuda_error',
      'xid_13',
      'xid_43',
      'xid_45',
      'vllm_engine_died',
      'process_aborted',
    ],
    says: ({ kernel, check }) =>
      `A GPU kernel${withFigure(kernel, (file) => ` (${file.split('/').at(-1)})`)} refused its input${withFigure(check, (text) => `: \`${text}\` does not hold`)}. Nearly always a label is not below the number of classes, or a token or position is not in its table.`,
    fix: advice(
      'Check labels, token ids and positions of the batch against the sizes of the layers; on the CPU the same call names the index.',
      'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
    ),
    source: torchCuda,
  },
  {
    id: 'cublas_alloc_failed',
    family: 'cuda',
    title: 'cuBLAS had no memory for its handle',
    severity: 'error',
    shows: [/\bCUBLAS_STATUS_ALLOC_FAILED\b/],
    explains: ['torch_child_failed', 'vllm_engine_died', 'process_aborted'],
    says: plainly(
      'cuBLAS could not get memory for itself: the GPU is full, though no allocation of a tensor has said so. An index out of range before it looks the same.',
    ),
    fix: advice(
      'Leave some memory free: a smaller batch or share of memory. If that changes nothing, run with CUDA_LAUNCH_BLOCKING=1 to see an earlier fault.',
      'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
    ),
    source: cublas,
  },
  {
    id: 'cublas_failed',
    family: 'cuda',
    title: 'cuBLAS failed',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?<status>CUBLAS_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED|INVALID_VALUE|NOT_SUPPORTED|ARCH_MISMATCH|MAPPING_ERROR|LICENSE_ERROR))\b/,
    ],
    explains: ['torch_child_failed', 'vllm_engine_died', 'process_aborted'],
    says: ({ status }) =>
      `cuBLAS reported ${status ?? 'an error'}: most often what follows after an earlier fault in a kernel, an index out of range or a full GPU.`,
    fix: advice(
      'Run with CUDA_LAUNCH_BLOCKING=1, so that the first fault is the one that shows; check that one CUDA version is loaded, not two.',
      'CUDA_LAUNCH_BLOCKING=1 PROGRAM',
    ),
    source: cublas,
  },
  {
    id: 'cudnn_failed',
    family: 'cuda',
    title: 'cuDNN failed',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?<status>CUDNN_STATUS_(?!SUCCESS)[A-Z_]{4,60})\b/,
      /Unable to find a valid cuDNN algorithm|(?:FIND|GET) was unable to find an engine to execute this computation/,
    ],
    explains: ['torch_child_failed', 'vllm_engine_died', 'process_aborted'],
    says: ({ status }) =>
      `cuDNN reported ${status ?? 'that no algorithm fits'}: the GPU is nearly full, the versions of cuDNN do not fit together, or an earlier fault shows here.`,
    fix: advice(
      'Try a smaller batch first; then see which libcudnn is loaded: LD_LIBRARY_PATH may bring another than PyTorch came with.',
      'python3 -c "import torch; print(torch.backends.cudnn.version())"; echo "$LD_LIBRARY_PATH"',
    ),
    source: cudnn,
  },
  {
    id: 'llama_no_gpu',
    family: 'llama',
    title: 'llama.cpp computes on the CPU',
    severity: 'warning',
    weight: -1,
    shows: [
      /ggml_cuda_init: failed to initialize CUDA: (?<reason>.{1,120})/,
      /warning: no usable GPU found, --gpu-layers option will be ignored/,
      /warning: not compiled with GPU offload support/,
    ],
    says: ({ reason }) =>
      `llama.cpp was to use a GPU and found none that it can${withFigure(reason, (text) => `: ${text}`)}. It goes on with the CPU, much slower.`,
    fix: advice(
      'Take a build with CUDA or Vulkan, and see whether nvidia-smi lists the GPU here.',
      'nvidia-smi -L',
    ),
    source: llamaCode,
  },
]

/** `12040` is 12.4. */
const cudaVersion = (found: string): string =>
  /^\d{4,6}$/.test(found)
    ? `${Math.floor(Number(found) / 1000)}.${Math.floor((Number(found) % 1000) / 10)}`
    : found
