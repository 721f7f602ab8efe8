export {
  type ActivationObserver,
  type CalibrationOptions,
  calibrate,
  calibrationSchemes,
} from './calibrate.ts'
export { onnxUnsupported } from './errors.ts'
export type { ImageFacts } from './image-metadata.ts'
export {
  type ImageModelFile,
  isImageModelFolder,
  type LearntQuantization,
  readImageModel,
  type Samples,
  saveImageModel,
} from './image-model-file.ts'
export { type ImageOnnxOptions, imageOnnx } from './image-onnx.ts'
export {
  describeImageParity,
  type ImageDifference,
  type ImageParityLimits,
  type ImageParityReport,
  type ImagePrecision,
  type ImageProof,
  imageParityLimits,
  judgeImageParity,
} from './image-parity.ts'
export { type OpenedImageModel, openImageModelFile, type QuantizeOptions } from './open-image-model-file.ts'
export { type SaveImageRunOptions, saveImageRun } from './save-image-run.ts'
