/** The program of the process that an ONNX model is served from. */

import { serveOnnx } from './serve-onnx.ts'

serveOnnx()
