export { BasicBlock, BottleneckBlock } from './blocks.ts'
export {
  isResNetConfig,
  type ResNetConfig,
  type ResNetDepth,
  type ResNetOptions,
  type ResNetStem,
  resNetConfig,
} from './config.ts'
export { resNetIssues } from './issues.ts'
export { initializeResNet } from './initialize.ts'
export { ResNet, type ResNetBlock } from './model.ts'
export { planTorchvision, type TorchvisionOptions, type TorchvisionPlan } from './plan-torchvision.ts'
export { type ResNetConvolution, resNetConvolutions, resNetFlops, resNetTensors } from './tensors.ts'
