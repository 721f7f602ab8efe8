/** Documents that entries of the catalogue rest on. */

import type { Cause } from './cause.ts'

export type CauseSource = Cause['source']

const source = (title: string, url: string): CauseSource => ({ title, url })

export const cudaRuntime: CauseSource = source(
  'CUDA Runtime API: cudaError_t',
  'https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html',
)
export const cudaCompatibility: CauseSource = source(
  'CUDA Compatibility',
  'https://docs.nvidia.com/deploy/cuda-compatibility/',
)
export const cublas: CauseSource = source(
  'cuBLAS: cublasStatus_t',
  'https://docs.nvidia.com/cuda/cublas/#cublasstatus-t',
)
export const cudnn: CauseSource = source(
  'cuDNN: troubleshooting',
  'https://docs.nvidia.com/deeplearning/cudnn/backend/latest/reference/troubleshooting.html',
)
export const xidCatalog: CauseSource = source(
  'NVIDIA: Xid Catalog',
  'https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html',
)
export const xidErrors: CauseSource = source(
  'NVIDIA: XID Errors',
  'https://docs.nvidia.com/deploy/xid-errors/index.html',
)
export const memoryErrors: CauseSource = source(
  'NVIDIA: GPU Memory Error Management',
  'https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html',
)
export const fabricManager: CauseSource = source(
  'NVIDIA: Fabric Manager User Guide',
  'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/index.html',
)
export const nvidiaDriver: CauseSource = source(
  'NVIDIA: driver installation guide',
  'https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/index.html',
)
export const nvidiaSmi: CauseSource = source(
  'nvidia-smi(1)',
  'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
)
export const containerToolkit: CauseSource = source(
  'NVIDIA Container Toolkit: troubleshooting',
  'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/troubleshooting.html',
)
export const devicePlugin: CauseSource = source(
  'NVIDIA device plugin for Kubernetes',
  'https://github.com/NVIDIA/k8s-device-plugin',
)
export const ncclTroubleshooting: CauseSource = source(
  'NCCL: troubleshooting',
  'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html',
)
export const ncclTypes: CauseSource = source(
  'NCCL: ncclResult_t',
  'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/api/types.html',
)
export const ncclEnvironment: CauseSource = source(
  'NCCL: environment variables',
  'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html',
)
export const ncclCode: CauseSource = source('NCCL: source of its warnings', 'https://github.com/NVIDIA/nccl')
export const torchMemory: CauseSource = source(
  'PyTorch: CUDA memory management',
  'https://docs.pytorch.org/docs/stable/notes/cuda.html#memory-management',
)
export const torchCuda: CauseSource = source(
  'PyTorch: CUDA semantics',
  'https://docs.pytorch.org/docs/stable/notes/cuda.html',
)
export const torchDistributed: CauseSource = source(
  'PyTorch: distributed communication',
  'https://docs.pytorch.org/docs/stable/distributed.html',
)
export const torchData: CauseSource = source(
  'PyTorch: torch.utils.data',
  'https://docs.pytorch.org/docs/stable/data.html',
)
export const torchSerialization: CauseSource = source(
  'PyTorch: serialization semantics',
  'https://docs.pytorch.org/docs/stable/notes/serialization.html',
)
export const slurmSbatch: CauseSource = source('Slurm: sbatch', 'https://slurm.schedmd.com/sbatch.html')
export const ollamaFaq: CauseSource = source('Ollama: FAQ', 'https://docs.ollama.com/faq')
export const sglangTuning: CauseSource = source(
  'SGLang: hyperparameter tuning',
  'https://docs.sglang.io/advanced_features/hyperparameter_tuning.html',
)
export const vllmTroubleshooting: CauseSource = source(
  'vLLM: troubleshooting',
  'https://docs.vllm.ai/en/latest/usage/troubleshooting.html',
)
export const vllmMemory: CauseSource = source(
  'vLLM: conserving memory',
  'https://docs.vllm.ai/en/latest/configuration/conserving_memory.html',
)
export const llamaCode: CauseSource = source(
  'llama.cpp: source of its messages',
  'https://github.com/ggml-org/llama.cpp',
)
export const ggufFormat: CauseSource = source(
  'GGUF: the format',
  'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md',
)
export const kernelOom: CauseSource = source(
  'Linux: memory management, the OOM killer',
  'https://docs.kernel.org/admin-guide/mm/concepts.html#oom-killer',
)
export const cgroupMemory: CauseSource = source(
  'Linux: control group v2, memory',
  'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory',
)
export const kernelReports: CauseSource = source(
  'Linux: kernel log messages of lockups and hung tasks',
  'https://docs.kernel.org/admin-guide/lockup-watchdogs.html',
)
export const errnoPage: CauseSource = source('errno(3)', 'https://man7.org/linux/man-pages/man3/errno.3.html')
export const signalPage: CauseSource = source(
  'signal(7)',
  'https://man7.org/linux/man-pages/man7/signal.7.html',
)
export const linkerPage: CauseSource = source(
  'ld.so(8)',
  'https://man7.org/linux/man-pages/man8/ld.so.8.html',
)
export const kubernetesScheduling: CauseSource = source(
  'Kubernetes: assigning Pods to Nodes',
  'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
)
export const kubernetesTaints: CauseSource = source(
  'Kubernetes: taints and tolerations',
  'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
)
export const kubernetesDebugPods: CauseSource = source(
  'Kubernetes: debug Pods',
  'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
)
export const kubernetesLifecycle: CauseSource = source(
  'Kubernetes: Pod lifecycle',
  'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
)
export const kubernetesProbes: CauseSource = source(
  'Kubernetes: liveness, readiness and startup probes',
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
)
export const kubernetesImages: CauseSource = source(
  'Kubernetes: images',
  'https://kubernetes.io/docs/concepts/containers/images/',
)
export const kubernetesEviction: CauseSource = source(
  'Kubernetes: node-pressure eviction',
  'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
)
export const kubernetesQuota: CauseSource = source(
  'Kubernetes: resource quotas',
  'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
)
export const kubernetesVolumes: CauseSource = source(
  'Kubernetes: persistent volumes',
  'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
)
export const kubernetesNodes: CauseSource = source(
  'Kubernetes: nodes',
  'https://kubernetes.io/docs/concepts/architecture/nodes/',
)
export const kubernetesDevices: CauseSource = source(
  'Kubernetes: device plugins',
  'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/',
)
export const kubernetesDeployments: CauseSource = source(
  'Kubernetes: Deployments, progress',
  'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment',
)
export const kubernetesAutoscaling: CauseSource = source(
  'Kubernetes: horizontal Pod autoscaling',
  'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
)
export const kubernetesNetwork: CauseSource = source(
  'Kubernetes: cluster networking',
  'https://kubernetes.io/docs/concepts/cluster-administration/networking/',
)
export const kubernetesAccess: CauseSource = source(
  'Kubernetes: RBAC and admission',
  'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
)
export const nodeErrors: CauseSource = source('Node.js: errors', 'https://nodejs.org/api/errors.html')
export const nodeProcess: CauseSource = source('Node.js: process', 'https://nodejs.org/api/process.html')
export const nodeAddons: CauseSource = source(
  'Node.js: ABI versions',
  'https://nodejs.org/en/about/previous-releases',
)
export const pythonErrors: CauseSource = source(
  'Python: built-in exceptions',
  'https://docs.python.org/3/library/exceptions.html',
)
export const safetensors: CauseSource = source(
  'safetensors: the format',
  'https://huggingface.co/docs/safetensors/index',
)
export const palm: CauseSource = source(
  'PaLM, section 5.1: going back before a spike and skipping batches',
  'https://arxiv.org/abs/2204.02311',
)
export const mixedPrecision: CauseSource = source(
  'PyTorch: automatic mixed precision',
  'https://docs.pytorch.org/docs/stable/amp.html',
)
export const clipping: CauseSource = source(
  'Pascanu and others: On the difficulty of training recurrent neural networks',
  'https://arxiv.org/abs/1211.5063',
)
export const smart: CauseSource = source(
  'Linux: block layer and NVMe messages',
  'https://docs.kernel.org/block/index.html',
)
