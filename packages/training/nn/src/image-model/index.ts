export {
  type ImageModelConfig,
  imageInputShape,
  imageModelFaults,
  imageModelFlops,
  imageModelTensors,
  isImageModelConfig,
} from './config.ts'
export { createImageModel, type ImageModel, initializeImageModel } from './create-image-model.ts'
