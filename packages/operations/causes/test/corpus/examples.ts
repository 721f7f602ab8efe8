/** One line, or a few, of each cause that the texts of the corpus leave out: in the wording of the programs that say so. */

export const examples: Readonly<Record<string, readonly string[]>> = {
  torch_without_cuda: ['AssertionError: Torch not compiled with CUDA enabled'],
  ollama_model_above_memory: [
    'level=INFO source=sched.go:470 msg="NewLlamaServer failed" error="model requires more system memory (20.3 GiB) than is available (6.8 GiB)"',
    'level=WARN source=server.go:145 msg="model request too large for system" requested="20.3 GiB" available="6.8 GiB" total="15.5 GiB"',
  ],
  slurm_time_limit: [
    'slurmstepd: error: *** JOB 88123 ON gpu-03 CANCELLED AT 2026-05-01T12:00:03 DUE TO TIME LIMIT ***',
    'slurmstepd: error: *** STEP 88123.0 ON gpu-03 CANCELLED AT 2026-05-01T12:00:03 DUE TO TIME LIMIT ***',
  ],
  library_symbol: ['RuntimeError: operator torchvision::nms does not exist'],
  cgroup_oom_killed: [
    'slurmstepd: error: Detected 1 oom-kill event(s) in step 370626.batch cgroup.',
    'srun: error: gpu-07: task 3: Out Of Memory',
  ],
  network_refused: [
    '2026/03/04 05:06:07 [error] 31#31: *88 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1',
  ],
  sglang_cache_full: [
    'RuntimeError: Decode out of memory. Try to lower your batch size.',
    'RuntimeError: alloc_req_slots runs out of memory. Please set a smaller number for `--max-running-requests`.',
  ],
  k8s_evicted_memory: [
    'I0214 10:10:49.541717    1523 eviction_manager.go:349] "Eviction manager: must evict pod(s) to reclaim" resourceName="memory"',
  ],
  cublas_alloc_failed: [
    'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
  ],
  cublas_failed: [
    'RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx( handle, opa, opb, m, n, k)`',
  ],
  cudnn_failed: [
    'RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED',
    'RuntimeError: Unable to find a valid cuDNN algorithm to run convolution',
    'RuntimeError: GET was unable to find an engine to execute this computation',
  ],
  torch_cuda_unavailable: [
    'RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.',
  ],
  xid_unlisted: ['[12.5] NVRM: Xid (PCI:0000:05:00): 999, unknown'],
  driver_gpu_locked: ['NVRM: krcWatchdog_IMPL: RC watchdog: GPU is probably locked!'],
  driver_amdgpu_reset: [
    'amdgpu 0000:c3:00.0: [drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx_0.0.0 timeout, signaled seq=1, emitted seq=3',
  ],
  nccl_no_network: ['gpu005:23:23 [1] plugin/net.cc:379 NCCL WARN Failed to initialize any NET plugin'],
  sxid_fatal: ['[1.1] nvidia-nvswitch3: SXid (PCI:0000:05:00.0): 20034, Fatal, Link 30 LTSSM Fault Up'],
  sxid_non_fatal: [
    '[1.1] nvidia-nvswitch3: SXid (PCI:0000:05:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error (First)',
    '[Feb 27 2025 15:10:02] [ERROR] [tid 12727] detected NVSwitch non-fatal error 12028 on fid 0 on NVSwitch pci bus id 00000000:86:00.0 physical id 3 port 61',
  ],
  oom_killer: ['Plex Media Server invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0'],
  too_many_files: ['VFS: file-max limit 1000000 reached'],
  host_oom_killed: [
    'Out of memory: Killed process 123, UID 48, (httpd).',
    'Out of memory: Kill process 456 (python) score 50 or sacrifice child',
  ],
  disk_io_error: [
    'EXT4-fs (dm-0): I/O error while writing superblock',
    'XFS (sda1): I/O error while writing superblock',
    'block nvme0n1: no usable path - requeuing I/O',
  ],
  driver_nouveau: ['NVRM: The NVIDIA probe routine was not called for 1 device(s).'],
  driver_rm_init: [
    'NVRM: GPU 0000:65:00.0: RmInitAdapter failed! (0x26:0xffff:1463)',
    'NVRM: This PCI I/O region assigned to your NVIDIA device is invalid:',
  ],
  driver_smi_failed: ['No devices were found', 'Failed to initialize NVML: Unknown Error'],
  driver_smi_hangs: ['nvidia-smi: no answer within 10 s'],
  driver_fabric_manager: [
    "fabric manager NVIDIA GPU driver interface version 535.54.03 don't match with driver version 535.104.05",
  ],
  driver_container_devices: [
    'Warning  Failed  5s  kubelet  Error: error running hook #0: exit status 1, stderr: nvidia-container-cli.real: initialization error: driver error: failed to process request: unknown',
    'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version',
    'failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=all',
  ],
  driver_pcie_error: [
    'pcieport 0000:40:01.1: AER: Uncorrected (Non-Fatal) error received: 0000:41:00.0',
    'PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)',
  ],
  driver_throttled: ['            HW Thermal Slowdown           : Active'],
  cuda_oom_bare: [
    'torch.OutOfMemoryError: CUDA out of memory.',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes.',
  ],
  vllm_no_cache_memory: [
    'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
  ],
  malloc_failed: [
    'runtime: out of memory: cannot allocate 1937014784-byte block (19464192 in use)',
    'fatal error: runtime: out of memory',
    'OSError: [Errno 12] Cannot allocate memory',
    'memory allocation of 34359738368 bytes failed',
  ],
  python_memory_error: ['MemoryError'],
  nccl_connect_failed: [
    'n1:5:6 [0] misc/socket.cc:484 NCCL WARN socketStartConnect: Connect to 10.0.0.2<41233> failed : Software caused connection abort',
    'n1:5:6 [0] NCCL WARN Net : Connect to 172.17.0.1<50317> failed : No route to host',
  ],
  nccl_driver_too_old: ['NCCL WARN CUDA Driver version found is 11040. Minimum requirement is 12000'],
  nccl_network_completion: ['NCCL WARN No transport found for rank 1[41000] -> rank 0[1000]'],
  nccl_unhandled_cuda_error: [
    'RuntimeError: NCCL error in: ../torch/lib/c10d/ProcessGroupNCCL.cpp:825, unhandled cuda error, NCCL version 2.7.8',
    'ncclUnhandledCudaError: Call to CUDA function failed.',
  ],
  torch_store_lost: [
    'RuntimeError: The client socket has timed out after 900s while trying to connect to (10.0.0.1, 29500).',
    'torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address.',
  ],
  k8s_node_conditions_taint: [
    '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.',
  ],
  k8s_insufficient: ['0/3 nodes are available: 3 Insufficient memory, 1 Insufficient cpu.'],
  k8s_affinity: ["0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."],
  k8s_host_port: ["0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports."],
  k8s_taint: [
    "0/1 nodes are available: 1 node(s) had taint {dedicated: batch}, that the pod didn't tolerate.",
    '0/1 nodes are available: 1 node(s) were unschedulable.',
  ],
  k8s_unschedulable: ['no nodes available to schedule pods'],
  k8s_limit_range: ['pods "a" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi'],
  k8s_pod_security: [
    'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
  ],
  k8s_webhook: [
    'admission webhook "validate.kyverno.svc-fail" denied the request: label app is required',
    'Internal error occurred: failed calling webhook "pods.example.com": Post "https://x.svc:443/m": no endpoints available',
  ],
  k8s_forbidden: [
    'deployments.apps "engine" is forbidden: User "system:serviceaccount:serving:scaler" cannot patch resource "deployments/scale" in API group "apps"',
  ],
  k8s_image_network: [
    'Failed to pull image "nginx": failed to do request: Head "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
  ],
  k8s_image_platform: [
    'Failed to pull image "acme/engine:1": no matching manifest for linux/arm64/v8 in the manifest list entries',
  ],
  k8s_image_disk: [
    'Failed to pull image "acme/engine:1": failed to extract layer: write /usr/lib/x.so: no space left on device',
  ],
  k8s_image_name: [
    'Failed to apply default image tag "Acme/Engine": couldn\'t parse image reference "Acme/Engine": invalid',
  ],
  k8s_image_never: ['Container image "x" is not present with pull policy of Never'],
  k8s_image_pull: ['Back-off pulling image "acme/engine:1"'],
  k8s_probe_failed: ['Readiness probe failed: HTTP probe failed with statuscode: 503'],
  k8s_mount_failed: [
    'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = mount failed: exit status 32',
  ],
  k8s_evicted: ['Preempted by pod 3f1c on node gpu-a'],
  k8s_sandbox: [
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "nvidia" is configured',
  ],
  k8s_container_create: [
    'Error: failed to create containerd task: failed to create shim task: OCI runtime create failed',
  ],
  k8s_node_pressure: ['Node gpu-a status is now: NodeHasDiskPressure'],
  k8s_disruption_budget: ["Cannot evict pod as it would violate the pod's disruption budget."],
  k8s_container_failed: ['Last State: Terminated, Reason: Error, Exit Code: 1'],
  k8s_rollout_stuck: ['error: deployment "engine" exceeded its progress deadline'],
  port_not_allowed: [
    'Error: listen EACCES: permission denied 0.0.0.0:80',
    'Error: listen EADDRNOTAVAIL: address not available 10.9.9.9:8080',
  ],
  too_many_watches: ["Error: ENOSPC: System limit for number of file watchers reached, watch '/app'"],
  too_many_threads: [
    'OpenBLAS blas_thread_init: pthread_create failed for thread 31 of 64: Resource temporarily unavailable',
    "RuntimeError: can't start new thread",
  ],
  node_addon_failed: ["code: 'ERR_DLOPEN_FAILED'"],
  node_module_missing: ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod' imported from /app/main.js"],
  node_unhandled_rejection: ["code: 'ERR_UNHANDLED_REJECTION'"],
  process_bus_error: ['Bus error (core dumped)'],
  process_stopped: ['process exited with code 143'],
  program_missing: ['Error: spawn llama-server ENOENT', 'exec /app/engine: exec format error'],
  database_unreachable: [
    'Error: connect ECONNREFUSED 10.0.0.7:5432',
    'FATAL:  sorry, too many clients already',
  ],
  exit_137: ['worker exited with code 137', 'Main process exited, code=killed, status=9/KILL'],
  model_file_missing: [
    "gguf_init_from_file: failed to open GGUF file '/models/m.gguf' (No such file or directory)",
  ],
  llama_key_missing: ['error loading model hyperparameters: key not found in model: llama.context_length'],
  llama_quantisation_unknown: [
    "gguf_init_from_file_ptr: tensor 'blk.0.attn_q.weight' has invalid ggml type 42. should be in [0, 40)",
  ],
  llama_compute_buffers: ['llama_init_from_model: failed to allocate compute pp buffers'],
  llama_lora: [
    "llama_adapter_lora_init: failed to apply lora adapter: LoRA tensor 'blk.0.ffn_up' does not exist in base model (hint: maybe wrong base model?)",
  ],
  llama_mlock: [
    'warning: failed to mlock 4368439296-byte buffer (after previously locking 0 bytes): Cannot allocate memory',
  ],
  llama_assertion: ['ggml/src/ggml.c:3212: GGML_ASSERT(ggml_can_mul_mat(a, b)) failed'],
  llama_decode_failed: ['update_slots: failed to decode, ret = -3'],
  llama_context_failed: ["common_init_from_params: failed to create context with model 'm.gguf'"],
  llama_load_failed: ['llama_model_load: error loading model: mmap failed'],
  llama_no_gpu: ['warning: not compiled with GPU offload support, --gpu-layers option will be ignored'],
  onnx_invalid: [
    'Error: Load model from /models/m.onnx failed:Protobuf parsing failed.',
    'Unsupported model IR version: 11, max supported IR version: 10',
  ],
  python_library_missing: [
    'ImportError: libcudart.so.12: cannot open shared object file: No such file or directory',
  ],
  torch_cuda_version: [
    'RuntimeError: The detected CUDA version (12.1) mismatches the version that was used to compile PyTorch (11.8). Please make sure to use the same CUDA versions.',
  ],
  numpy_abi: ['A module that was compiled using NumPy 1.x cannot be run in NumPy 2.1.0 as it may crash.'],
  python_module_missing: ["ModuleNotFoundError: No module named 'flash_attn'"],
  torch_shapes_differ: ['RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x784 and 512x10)'],
  torch_state_dict: ['RuntimeError: Error(s) in loading state_dict for LlamaForCausalLM:'],
  torch_weights_only: ['_pickle.UnpicklingError: Weights only load failed. This file can still be loaded'],
  torch_autograd: ['RuntimeError: Trying to backward through the graph a second time'],
  gpu_feature_missing: [
    'ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has compute capability 7.5.',
    'RuntimeError: FlashAttention only supports Ampere GPUs or newer.',
  ],
  vllm_parallel_size: [
    'ValueError: Total number of attention heads (25) must be divisible by tensor parallel size (2).',
  ],
  hub_refused: ['huggingface_hub.errors.GatedRepoError: 401 Client Error.'],
  transformers_architecture: [
    'ValueError: The checkpoint you are trying to load has model type `qwen9` but Transformers does not recognize this architecture.',
  ],
  vllm_no_platform: ['RuntimeError: Failed to infer device type'],
  vllm_engine_died: ['vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.'],
  python_worker_died: ['RuntimeError: DataLoader worker (pid(s) 4411, 4412) exited unexpectedly'],
  training_loss_scale: [
    'Exception: Current loss scale already at minimum - cannot decrease scale anymore. Exiting run.',
    'FloatingPointError: Minimum loss scale reached (0.0001).',
  ],
  network_timeout: ['Error: connect ETIMEDOUT 10.0.0.9:443'],
  network_no_route: ['Error: connect EHOSTUNREACH 10.0.0.9:443'],
  network_reset: ['Error: read ECONNRESET', 'Error: socket hang up'],
  network_proxy: ['curl: (56) Received HTTP code 407 from proxy after CONNECT'],
  disk_quota: ['OSError: [Errno 122] Disk quota exceeded'],
  disk_read_only: ["EROFS: read-only file system, open '/app/state.json'"],
  disk_network_gone: ['nfs: server store-1 not responding, still trying'],
  file_permission: ["Error: EACCES: permission denied, open '/var/lib/hadal/keys.json'"],
  file_missing: ["Error: ENOENT: no such file or directory, open '/app/config.yaml'"],
  process_hung: ['INFO: task python3:4411 blocked for more than 120 seconds.'],
  kernel_lockup: ['watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:77]'],
  machine_check: ['mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 7: be00000000800400'],
}
