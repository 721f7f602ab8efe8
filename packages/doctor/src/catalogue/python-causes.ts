/** Python and libtorch: libraries that do not fit together, tensors that do not, checkpoints that cannot be read, engines that died. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import {
  cudaCompatibility,
  linkerPage,
  pythonErrors,
  safetensors,
  torchCuda,
  torchData,
  torchSerialization,
  vllmTroubleshooting,
} from './sources.ts'

const job: readonly string[] = [
  'torch_child_failed',
  'vllm_engine_died',
  'python_worker_died',
  'nccl_peer_gone',
  'k8s_container_failed',
  'k8s_crash_loop',
]

const autograd = {
  title: 'PyTorch: autograd mechanics',
  url: 'https://docs.pytorch.org/docs/stable/notes/autograd.html',
}
const hub = {
  title: 'Hugging Face Hub: errors',
  url: 'https://huggingface.co/docs/huggingface_hub/package_reference/utilities',
}

export const pythonCauses: readonly Cause[] = [
  {
    id: 'library_symbol',
    family: 'python',
    title: 'Libraries of different versions do not fit together',
    severity: 'error',
    weight: 5,
    shows: [
      /(?<library>[^\s:]{1,300}\.(?:so[.\d]{0,12}|node)): undefined symbol: (?<symbol>[\w@.]{1,200})/,
      /symbol lookup error: (?<library>[^\s:]{1,300}): undefined symbol: (?<symbol>[\w@.]{1,200})/,
    ],
    explains: ['node_addon_failed', ...job],
    says: ({ library, symbol }) =>
      `${withFigure(library, (path) => path.split('/').at(-1) ?? path) || 'A library'} was built against another version of what it needs: ${symbol ?? 'a symbol'} is not there.${/c10|torch/.test(symbol ?? '') ? ' The symbol is of libtorch.' : ''}`,
    fix: advice(
      'Install or build both for the same version; see that LD_LIBRARY_PATH brings no other copy.',
      'ldd LIBRARY; python3 -c "import torch; print(torch.__version__)"; echo "$LD_LIBRARY_PATH"',
    ),
    source: linkerPage,
  },
  {
    id: 'library_glibc',
    family: 'python',
    title: 'The system is older than what the program was built for',
    severity: 'error',
    weight: 5,
    shows: [
      /version [`'](?<symbol>(?:GLIBC|GLIBCXX|CXXABI|GCC|GOMP|OMP)_[\d.]{1,10})'? not found(?: \(required by (?<library>[^)]{1,300})\))?/,
    ],
    explains: ['node_addon_failed', ...job],
    says: ({ symbol, library }) =>
      `${withFigure(library, (path) => path.split('/').at(-1) ?? path) || 'A library'} needs ${symbol ?? 'a newer C library'}, and this system has an older one${symbol?.startsWith('GLIBCXX') || symbol?.startsWith('CXXABI') ? '; conda often puts its own older libstdc++ before it' : ''}.`,
    fix: advice(
      'Take a build for this system, or an image with a newer one.',
      'ldd --version | head -n 1; strings "$(gcc -print-file-name=libstdc++.so.6)" | grep GLIBCXX | tail -n 1',
    ),
    source: linkerPage,
  },
  {
    id: 'python_library_missing',
    family: 'python',
    title: 'A shared library is missing',
    severity: 'error',
    weight: 4,
    shows: [
      /(?<library>(?!libcuda\.so|libnvidia-ml)lib[\w.+-]{1,80}\.so[.\d]{0,12}): cannot open shared object file(?:: No such file or directory)?/,
      /error while loading shared libraries: (?<library>(?!libcuda\.so|libnvidia-ml)[\w.+-]{1,80}):/,
    ],
    explains: ['node_addon_failed', 'torch_cuda_unavailable', ...job],
    says: ({ library }) =>
      `${library ?? 'A library'} is not on the loader's path${/cudart|cublas|cudnn|nvrtc/.test(library ?? '') ? ': the program was built for a CUDA version whose libraries are not installed' : ''}.`,
    fix: advice(
      'Install the package that has it, in the version that the name says, or add its folder to LD_LIBRARY_PATH.',
      'ldconfig -p | grep LIBRARY; ldd PROGRAM | grep "not found"',
    ),
    source: linkerPage,
  },
  {
    id: 'torch_cuda_version',
    family: 'python',
    title: 'PyTorch and the CUDA toolkit are of different versions',
    severity: 'error',
    weight: 5,
    shows: [
      /The detected CUDA version \((?<found>[\d.]{1,8})\) mismatches the version that was used to compile PyTorch \((?<built>[\d.]{1,8})\)/,
      /CUDA_HOME environment variable is not set/,
    ],
    explains: job,
    says: ({ found, built }) =>
      found === undefined
        ? 'An extension is to be built, and no CUDA toolkit is found.'
        : `The toolkit is of CUDA ${found}, PyTorch was built with ${built ?? 'another'}: extensions built with it do not fit.`,
    fix: advice(
      "Set CUDA_HOME to a toolkit of PyTorch's version, or install the other PyTorch.",
      'nvcc --version; python3 -c "import torch; print(torch.version.cuda)"; export CUDA_HOME=/usr/local/cuda-VERSION',
    ),
    source: cudaCompatibility,
  },
  {
    id: 'numpy_abi',
    family: 'python',
    title: 'A package was built for another NumPy',
    severity: 'error',
    weight: 5,
    shows: [
      /A module that was compiled using NumPy 1\.x cannot be run in/,
      /numpy\.dtype size changed, may indicate binary incompatibility/,
      /numpy\.core\.multiarray failed to import/,
    ],
    explains: job,
    says: plainly('A package was built for another major version of NumPy than the one installed.'),
    fix: advice('Install a build for NumPy 2, or stay with NumPy 1.', 'pip install "numpy<2"'),
    source: {
      title: 'NumPy 2.0 migration guide',
      url: 'https://numpy.org/doc/stable/numpy_2_0_migration_guide.html',
    },
  },
  {
    id: 'python_module_missing',
    family: 'python',
    title: 'A Python module is missing',
    severity: 'error',
    shows: [
      /\bModuleNotFoundError: No module named '(?<module>[\w.]{1,120})'/,
      /\bImportError: cannot import name '(?<name>\w{1,120})' from (?:partially initialized module )?'(?<module>[\w.]{1,120})'/,
    ],
    explains: job,
    says: ({ module, name }) =>
      name === undefined
        ? `Python finds no module ${module ?? ''} in the environment that runs.`
        : `Module ${module ?? ''} has no ${name}: it is of another version than the program expects.`,
    fix: advice(
      'See which Python runs and what is installed in it.',
      'python3 -c "import sys; print(sys.executable)"; pip list',
    ),
    source: pythonErrors,
  },
  {
    id: 'torch_devices_differ',
    family: 'python',
    title: 'Tensors lie on different devices',
    severity: 'error',
    weight: 5,
    shows: [
      /Expected all tensors to be on the same device, but (?:found at least two devices, (?<one>[\w:]{1,16}) and (?<other>[\w:]{1,16})|got \w{1,30} is on (?<first>[\w:]{1,16}), different from other tensors on (?<rest>[\w:]{1,16}))/,
      /Input type \((?<one>[\w.]{1,40})\) and weight type \((?<other>[\w.]{1,40})\) should be the same/,
    ],
    explains: job,
    says: ({ one, other, first, rest }) =>
      `An operation got tensors that do not go together: ${one ?? first ?? 'one'} and ${other ?? rest ?? 'another'}. Mostly the model or the batch was not moved.`,
    fix: advice(
      'Move both to the same device and type before the call; tensors made in forward() need device=x.device.',
      'batch = {k: v.to(model.device) for k, v in batch.items()}',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_types_differ',
    family: 'python',
    title: 'Tensors are of different types',
    severity: 'error',
    weight: 5,
    shows: [
      /expected scalar type (?<one>\w{1,20}) but found (?<other>\w{1,20})/,
      /expected m1 and m2 to have the same dtype, but got: (?<one>[\w: ]{1,30}) != (?<other>[\w: ]{1,30})/,
      /mat1 and mat2 must have the same dtype, but got (?<one>\w{1,20}) and (?<other>\w{1,20})/,
      /"\w{1,60}" not implemented for '(?<one>Half|BFloat16|Long|Int|Bool|Byte|Double|ComplexFloat)'/,
    ],
    explains: job,
    says: ({ one, other }) =>
      other === undefined
        ? `The operation does not exist for ${one ?? 'this type'} on this device.`
        : `An operation got tensors of the types ${one ?? '?'} and ${other}.`,
    fix: advice(
      'Cast one of them, or run inside torch.autocast; half precision on the CPU lacks many operations.',
      'with torch.autocast("cuda", dtype=torch.bfloat16): ...',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_shapes_differ',
    family: 'python',
    title: 'Shapes of tensors do not fit',
    severity: 'error',
    weight: 5,
    shows: [
      /mat1 and mat2 shapes cannot be multiplied \((?<one>\d{1,9}x\d{1,9}) and (?<other>\d{1,9}x\d{1,9})\)/,
      /The size of tensor a \((?<one>\d{1,12})\) must match the size of tensor b \((?<other>\d{1,12})\) at non-singleton dimension/,
      /shape '(?<one>\[[\d, -]{1,80}\])' is invalid for input of size (?<other>\d{1,15})/,
      /Sizes of tensors must match except in dimension/,
      /stack expects each tensor to be equal size, but got (?<one>\[[\d, ]{1,60}\]) at entry \d{1,6} and (?<other>\[[\d, ]{1,60}\])/,
    ],
    explains: job,
    says: ({ one, other }) =>
      `An operation got shapes that do not fit${withFigure(one, (text) => `: ${text} and ${other ?? '?'}`)}.`,
    fix: advice(
      'Print the shapes before the line that the stack names; a batch with sequences of different length needs padding.',
    ),
    source: {
      title: 'PyTorch: broadcasting semantics',
      url: 'https://docs.pytorch.org/docs/stable/notes/broadcasting.html',
    },
  },
  {
    id: 'torch_state_dict',
    family: 'python',
    title: 'The checkpoint is of another model',
    severity: 'error',
    weight: 5,
    shows: [
      /Error\(s\) in loading state_dict for (?<model>\w{1,80})/,
      /size mismatch for (?<key>[\w.]{1,160}): copying a param with shape/,
    ],
    explains: job,
    says: ({ model, key }) =>
      `The weights do not fit ${model ?? 'the model'}${withFigure(key, (name) => ` (${name})`)}: other sizes, another vocabulary, or names with a prefix such as "module.".`,
    fix: advice(
      "Build the model from the checkpoint's own configuration; strip the prefix of DDP or torch.compile.",
    ),
    source: torchSerialization,
  },
  {
    id: 'checkpoint_damaged',
    family: 'python',
    title: 'A checkpoint is cut off or no checkpoint',
    severity: 'error',
    weight: 5,
    shows: [
      /PytorchStreamReader failed (?:reading zip archive|reading file|locating file)[^:]{0,40}: (?<reason>.{1,120})/,
      /UnpicklingError: invalid load key, '(?<key>[^']{1,8})'/,
      /\bEOFError: Ran out of input\b/,
      /SafetensorError: (?:Error while deserializing header|Error while deserializing): (?<reason>\w{1,60})/,
      /(?:Metadata|Header)(?:IncompleteBuffer|TooLarge|TooSmall)|InvalidHeaderDeserialization/,
    ],
    explains: job,
    says: ({ key, reason }) =>
      key === 'v'
        ? 'The file is a pointer of Git LFS instead of the weights.'
        : `The file is damaged or cut off${withFigure(reason ?? key, (text) => ` (${text})`)}: a download or a save ended early, or the disk was full.`,
    fix: advice(
      'Compare its size with that of the source and fetch it again; of a run, take the checkpoint before it.',
      'ls -l CHECKPOINT; head -c 64 CHECKPOINT; git lfs pull',
    ),
    source: safetensors,
  },
  {
    id: 'torch_weights_only',
    family: 'python',
    title: 'PyTorch refuses a checkpoint that holds code',
    severity: 'error',
    weight: 5,
    shows: [/Weights only load failed/, /WeightsUnpickler error: Unsupported (?:global|class|operand)/],
    explains: ['checkpoint_damaged', ...job],
    says: plainly(
      'Since PyTorch 2.6 torch.load reads only weights; this file holds other objects, which could run code when they are loaded.',
    ),
    fix: advice(
      'If you trust who made it, allow the classes by name; otherwise ask for safetensors.',
      'torch.serialization.add_safe_globals([CLASS])',
    ),
    source: torchSerialization,
  },
  {
    id: 'torch_autograd',
    family: 'python',
    title: 'The gradient cannot be computed',
    severity: 'error',
    weight: 5,
    shows: [
      /one of the variables needed for gradient computation has been modified by an inplace operation/,
      /Trying to backward through the graph a second time/,
      /element 0 of tensors does not require grad and does not have a grad_fn/,
      /Expected to have finished reduction in the prior iteration before starting a new one/,
    ],
    explains: job,
    says: plainly(
      'The program changed or freed what the backward pass needs, or left out parameters that it expects.',
    ),
    fix: advice(
      'Run once with torch.autograd.set_detect_anomaly(True), which names the operation; with DDP, unused parameters need find_unused_parameters=True.',
    ),
    source: autograd,
  },
  {
    id: 'gpu_feature_missing',
    family: 'python',
    title: 'The GPU is too old for what was asked',
    severity: 'error',
    weight: 5,
    shows: [
      /Bfloat16 is only supported on GPUs with compute capability of at least (?<needed>[\d.]{1,5})\. Your (?<gpu>.{1,60}?) GPU has compute capability (?<found>[\d.]{1,5})/,
      /FlashAttention only supports (?<needed>\w{1,20}) GPUs or newer/,
      /The quantization method (?<method>\w{1,30}) is not supported for the current GPU\. Minimum capability: (?<needed>\d{1,3})/,
    ],
    explains: job,
    says: ({ needed, gpu, found }) =>
      `This GPU${withFigure(gpu, (name) => ` (${name})`)}${withFigure(found, (text) => ` has compute capability ${text} and`)} lacks it: ${needed ?? 'a newer one'} is needed.`,
    fix: advice('Use half precision or another attention, or a newer GPU.', 'vllm serve MODEL --dtype=half'),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_parallel_size',
    family: 'python',
    title: 'The model cannot be split over so many GPUs',
    severity: 'error',
    weight: 5,
    shows: [
      /Total number of attention heads \((?<heads>\d{1,5})\) must be divisible by tensor parallel size \((?<size>\d{1,4})\)/,
      /The number of required GPUs exceeds the total number of available GPUs/,
      /World size \((?<size>\d{1,5})\) is larger than the number of available GPUs \((?<gpus>\d{1,5})\)/,
    ],
    explains: job,
    says: ({ heads, size, gpus }) =>
      heads === undefined
        ? `More GPUs are asked for${withFigure(size, (text) => ` (${text})`)} than are there${withFigure(gpus, (text) => ` (${text})`)}.`
        : `${heads} attention heads cannot be shared out among ${size ?? '?'} GPUs.`,
    fix: advice(
      'Choose a number of GPUs that divides the heads and is there; use pipeline parallelism for the rest.',
      'nvidia-smi -L; vllm serve MODEL --tensor-parallel-size N --pipeline-parallel-size M',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'hub_refused',
    family: 'python',
    title: 'The model hub does not give the model',
    severity: 'error',
    weight: 5,
    shows: [
      /\b(?:GatedRepoError|RepositoryNotFoundError|RevisionNotFoundError|EntryNotFoundError)\b/,
      /(?<model>[\w./-]{1,160}) is not a local folder and is not a valid model identifier/,
      /(?:401|403) Client Error: .{1,60} for url: .{0,40}huggingface/i,
      /Cannot access gated repo for url/,
    ],
    explains: job,
    says: ({ model }) =>
      `The hub has no such model, or does not let this user have it${withFigure(model, (name) => `: ${name}`)}. Private and gated models need a token and an accepted licence.`,
    fix: advice(
      'Look for a slip in the name, accept the terms on its page, and give the program a token.',
      'hf auth whoami; export HF_TOKEN=TOKEN',
    ),
    source: hub,
  },
  {
    id: 'transformers_architecture',
    family: 'python',
    title: 'Transformers does not know this kind of model',
    severity: 'error',
    weight: 5,
    shows: [
      /model type [`'](?<architecture>[\w-]{1,60})[`'] but Transformers does not recognize this architecture/,
      /Model architectures \['(?<architecture>\w{1,80})'\] (?:are not supported|failed to be inspected)/,
    ],
    explains: job,
    says: ({ architecture }) =>
      `The model is of the kind ${architecture ?? '?'}, which the installed version does not know.`,
    fix: advice(
      'Take a newer version of transformers or vLLM, or another model.',
      'pip install --upgrade transformers vllm',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_no_platform',
    family: 'python',
    title: 'vLLM finds no device that it can use',
    severity: 'error',
    weight: 1,
    shows: [/Failed to infer device type/, /No platform detected, vLLM is running on UnspecifiedPlatform/],
    explains: ['vllm_engine_died'],
    says: plainly('vLLM sees no GPU, or was installed for another platform.'),
    fix: advice(
      'See whether nvidia-smi and PyTorch see the GPU here.',
      'nvidia-smi -L; python3 -c "import torch; print(torch.cuda.is_available())"',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_engine_died',
    family: 'python',
    title: 'The engine of vLLM ended',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?:Async)?EngineDeadError\b/,
      /Engine core initialization failed\. See root cause above/,
      /EngineCore (?:failed to start|encountered a fatal error|hit an exception)/,
    ],
    explains: ['k8s_container_failed', 'k8s_crash_loop', 'k8s_probe_failed'],
    says: plainly('The process that computes has ended; its own error stands earlier in the log.'),
    fix: advice(
      'Look for the first ERROR or Traceback before it.',
      'VLLM_LOGGING_LEVEL=DEBUG vllm serve MODEL',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'python_worker_died',
    family: 'python',
    title: 'A worker process of Python ended',
    severity: 'error',
    weight: -1,
    shows: [
      /DataLoader worker \(pid(?:\(s\))? (?<pid>[\d, ]{1,80})\) (?:exited unexpectedly|is killed by signal: (?<signal>[\w ]{1,30}))/,
      /A process in the process pool was terminated abruptly/,
      /\bBrokenProcessPool\b/,
    ],
    explains: ['torch_child_failed', 'nccl_peer_gone'],
    says: ({ pid, signal }) =>
      `A worker${withFigure(pid, (id) => ` (${id.trim()})`)} ended${withFigure(signal, (name) => ` by signal ${name.trim()}`)}: mostly memory or /dev/shm ran out, or its own code crashed.`,
    fix: advice(
      'Run once with num_workers=0, which shows its error; look for the OOM killer in dmesg.',
      'sudo dmesg -T | grep -iE "out of memory|oom"; df -h /dev/shm',
    ),
    source: torchData,
  },
]
