export {
  type ImageModelConfig,
  imageInputShape,
  imageModelIssues,
  imageModelFlops,
  imageModelTensors,
  isImageModelConfig,
} from './config.ts'
export { createImageModel, type ImageModel, initializeImageModel } from './create-image-model.ts'
