export {
  type ImageModelConfig,
  imageInputShape,
  imageModelFlops,
  imageModelIssues,
  imageModelTensors,
  isImageModelConfig,
} from './config.ts'
export { createImageModel, type ImageModel, initializeImageModel } from './create-image-model.ts'
