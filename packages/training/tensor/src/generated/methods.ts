/** Operators as methods of Tensor. Written by codegen/generate.ts from libtorch 2.6.0; edit that, not this. */

import { method, op } from '../dispatch.ts'
import type { Device, DType, Layout, MemoryFormat, Optional as O, Reduction, Scalar } from '../dtype.ts'
import { Handle } from '../handle.ts'
import { camelCase } from '../schema.ts'

type addOptions<Tensor> = O<{ alpha: Scalar; out: Tensor }>
type add_Options = O<{ alpha: Scalar }>
type clampOptions<Tensor> = O<{ min: Scalar | null; max: Scalar | null; out: Tensor }>
type clampOptions2<Tensor> = O<{ min: Tensor | null; max: Tensor | null; out: Tensor }>
type clamp_Options = O<{ min: Scalar | null; max: Scalar | null }>
type clamp_Options2<Tensor> = O<{ min: Tensor | null; max: Tensor | null }>
type indexPutOptions<Tensor> = O<{ accumulate: boolean; out: Tensor }>
type indexPut_Options = O<{ accumulate: boolean }>
type nanToNumOptions<Tensor> = O<{ nan: number | null; posinf: number | null; neginf: number | null; out: Tensor }>
type nanToNum_Options = O<{ nan: number | null; posinf: number | null; neginf: number | null }>
type subOptions<Tensor> = O<{ alpha: Scalar; out: Tensor }>
type sub_Options = O<{ alpha: Scalar }>
type trilOptions<Tensor> = O<{ diagonal: number; out: Tensor }>
type tril_Options = O<{ diagonal: number }>
type triuOptions<Tensor> = O<{ diagonal: number; out: Tensor }>
type triu_Options = O<{ diagonal: number }>
type allOptions<Tensor> = O<{ keepdim: boolean; out: Tensor }>
type allOptions2<Tensor> = O<{ dim: readonly number[] | null; keepdim: boolean; out: Tensor }>
type allcloseOptions = O<{ rtol: number; atol: number; equalNan: boolean }>
type amaxOptions<Tensor> = O<{ dim: number | readonly number[]; keepdim: boolean; out: Tensor }>
type aminOptions<Tensor> = O<{ dim: number | readonly number[]; keepdim: boolean; out: Tensor }>
type anyOptions<Tensor> = O<{ keepdim: boolean; out: Tensor }>
type anyOptions2<Tensor> = O<{ dim: readonly number[] | null; keepdim: boolean; out: Tensor }>
type argmaxOptions<Tensor> = O<{ dim: number | null; keepdim: boolean; out: Tensor }>
type argminOptions<Tensor> = O<{ dim: number | null; keepdim: boolean; out: Tensor }>
type argsortOptions = O<{ dim: number; descending: boolean }>
type asStridedOptions = O<{ storageOffset: number | null }>
type bincountOptions<Tensor> = O<{ weights: Tensor | null; minlength: number; out: Tensor }>
type chunkOptions = O<{ dim: number }>
type countNonzeroOptions<Tensor> = O<{ dim: number | null; out: Tensor }>
type diagOptions<Tensor> = O<{ diagonal: number; out: Tensor }>
type diagonalOptions = O<{ offset: number; dim1: number; dim2: number }>
type diffOptions<Tensor> = O<{ n: number; dim: number; prepend: Tensor | null; append: Tensor | null; out: Tensor }>
type flattenOptions = O<{ startDim: number; endDim: number }>
type histcOptions<Tensor> = O<{ bins: number; min: Scalar; max: Scalar; out: Tensor }>
type iscloseOptions = O<{ rtol: number; atol: number; equalNan: boolean }>
type kthvalueOptions = O<{ dim: number; keepdim: boolean }>
type logSoftmaxOptions<Tensor> = O<{ dtype: DType | null; out: Tensor }>
type logsumexpOptions<Tensor> = O<{ keepdim: boolean; out: Tensor }>
type maxOptions = O<{ keepdim: boolean }>
type meanOptions<Tensor> = O<{ keepdim: boolean; dtype: DType | null; out: Tensor }>
type medianOptions = O<{ keepdim: boolean }>
type minOptions = O<{ keepdim: boolean }>
type modeOptions = O<{ dim: number; keepdim: boolean }>
type multinomialOptions<Tensor> = O<{ replacement: boolean; out: Tensor }>
type normOptions<Tensor> = O<{ p: Scalar; out: Tensor }>
type normOptions2<Tensor> = O<{ keepdim: boolean; out: Tensor }>
type prodOptions<Tensor> = O<{ keepdim: boolean; dtype: DType | null; out: Tensor }>
type quantileOptions<Tensor> = O<{ dim: number | null; keepdim: boolean; interpolation: string; out: Tensor }>
type repeatInterleaveOptions = O<{ dim: number | null; outputSize: number | null }>
type rollOptions<Tensor> = O<{ dims: number | readonly number[]; out: Tensor }>
type sliceOptions = O<{ dim: number; start: number | null; end: number | null; step: number }>
type softmaxOptions<Tensor> = O<{ dtype: DType | null; out: Tensor }>
type sortOptions = O<{ dim: number; descending: boolean }>
type splitOptions = O<{ dim: number }>
type splitWithSizesOptions = O<{ dim: number }>
type stdOptions = O<{ unbiased: boolean }>
type stdOptions2<Tensor> = O<{ dim: number | readonly number[] | null; correction: Scalar | null; keepdim: boolean; out: Tensor }>
type stdOptions3<Tensor> = O<{ unbiased: boolean; keepdim: boolean; out: Tensor }>
type sumOptions<Tensor> = O<{ keepdim: boolean; dtype: DType | null; out: Tensor }>
type takeAlongDimOptions<Tensor> = O<{ dim: number | null; out: Tensor }>
type topkOptions = O<{ dim: number; largest: boolean; sorted: boolean }>
type unbindOptions = O<{ dim: number }>
type varOptions = O<{ unbiased: boolean }>
type varOptions2<Tensor> = O<{ dim: number | readonly number[] | null; correction: Scalar | null; keepdim: boolean; out: Tensor }>
type varOptions3<Tensor> = O<{ unbiased: boolean; keepdim: boolean; out: Tensor }>
type bernoulli_Options = O<{ p: number }>
type cauchy_Options = O<{ median: number; sigma: number }>
type copy_Options = O<{ nonBlocking: boolean }>
type exponential_Options = O<{ lambd: number }>
type fillDiagonal_Options = O<{ wrap: boolean }>
type logNormal_Options = O<{ mean: number; std: number }>
type normal_Options = O<{ mean: number; std: number }>
type uniform_Options = O<{ from: number; to: number }>

export abstract class TensorMethods<Tensor> extends Handle {
  declare abs: { (options?: O<{ out: Tensor }>): Tensor }
  declare abs_: { (): Tensor }
  declare acos: { (options?: O<{ out: Tensor }>): Tensor }
  declare acos_: { (): Tensor }
  declare acosh: { (options?: O<{ out: Tensor }>): Tensor }
  declare acosh_: { (): Tensor }
  declare add: { (other: Scalar, alpha?: Scalar | addOptions<Tensor>, options?: addOptions<Tensor>): Tensor; (other: Tensor, options?: O<{ alpha: Scalar; out: Tensor }>): Tensor }
  declare add_: { (other: Scalar, alpha?: Scalar | add_Options, options?: add_Options): Tensor; (other: Tensor, options?: O<{ alpha: Scalar }>): Tensor }
  declare addcdiv: { (tensor1: Tensor, tensor2: Tensor, options?: O<{ value: Scalar; out: Tensor }>): Tensor }
  declare addcdiv_: { (tensor1: Tensor, tensor2: Tensor, options?: O<{ value: Scalar }>): Tensor }
  declare addcmul: { (tensor1: Tensor, tensor2: Tensor, options?: O<{ value: Scalar; out: Tensor }>): Tensor }
  declare addcmul_: { (tensor1: Tensor, tensor2: Tensor, options?: O<{ value: Scalar }>): Tensor }
  declare asin: { (options?: O<{ out: Tensor }>): Tensor }
  declare asin_: { (): Tensor }
  declare asinh: { (options?: O<{ out: Tensor }>): Tensor }
  declare asinh_: { (): Tensor }
  declare atan: { (options?: O<{ out: Tensor }>): Tensor }
  declare atan_: { (): Tensor }
  declare atan2: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare atan2_: { (other: Tensor): Tensor }
  declare atanh: { (options?: O<{ out: Tensor }>): Tensor }
  declare atanh_: { (): Tensor }
  declare bitwiseAnd: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare bitwiseAnd_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare bitwiseNot: { (options?: O<{ out: Tensor }>): Tensor }
  declare bitwiseNot_: { (): Tensor }
  declare bitwiseOr: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare bitwiseOr_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare bitwiseXor: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare bitwiseXor_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare ceil: { (options?: O<{ out: Tensor }>): Tensor }
  declare ceil_: { (): Tensor }
  declare clamp: { (min?: Scalar | null | clampOptions<Tensor>, max?: Scalar | null | clampOptions<Tensor>, options?: clampOptions<Tensor>): Tensor; (min?: Tensor | null | clampOptions2<Tensor>, max?: Tensor | null | clampOptions2<Tensor>, options?: clampOptions2<Tensor>): Tensor }
  declare clamp_: { (min?: Scalar | null | clamp_Options, max?: Scalar | null | clamp_Options, options?: clamp_Options): Tensor; (min?: Tensor | null | clamp_Options2<Tensor>, max?: Tensor | null | clamp_Options2<Tensor>, options?: clamp_Options2<Tensor>): Tensor }
  declare clampMax: { (max: Scalar, options?: O<{ out: Tensor }>): Tensor; (max: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare clampMax_: { (max: Scalar): Tensor; (max: Tensor): Tensor }
  declare clampMin: { (min: Scalar, options?: O<{ out: Tensor }>): Tensor; (min: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare clampMin_: { (min: Scalar): Tensor; (min: Tensor): Tensor }
  declare copysign: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare copysign_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare cos: { (options?: O<{ out: Tensor }>): Tensor }
  declare cos_: { (): Tensor }
  declare cosh: { (options?: O<{ out: Tensor }>): Tensor }
  declare cosh_: { (): Tensor }
  declare cumprod: { (dim: number, options?: O<{ dtype: DType | null; out: Tensor }>): Tensor }
  declare cumprod_: { (dim: number, options?: O<{ dtype: DType | null }>): Tensor }
  declare cumsum: { (dim: number, options?: O<{ dtype: DType | null; out: Tensor }>): Tensor }
  declare cumsum_: { (dim: number, options?: O<{ dtype: DType | null }>): Tensor }
  declare digamma: { (options?: O<{ out: Tensor }>): Tensor }
  declare digamma_: { (): Tensor }
  declare div: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor; (other: Scalar, options: { roundingMode: string | null } & O<{ out: Tensor }>): Tensor; (other: Tensor, options: { roundingMode: string | null } & O<{ out: Tensor }>): Tensor }
  declare div_: { (other: Scalar): Tensor; (other: Tensor): Tensor; (other: Scalar, options: { roundingMode: string | null }): Tensor; (other: Tensor, options: { roundingMode: string | null }): Tensor }
  declare eq: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare eq_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare erf: { (options?: O<{ out: Tensor }>): Tensor }
  declare erf_: { (): Tensor }
  declare erfc: { (options?: O<{ out: Tensor }>): Tensor }
  declare erfc_: { (): Tensor }
  declare erfinv: { (options?: O<{ out: Tensor }>): Tensor }
  declare erfinv_: { (): Tensor }
  declare exp: { (options?: O<{ out: Tensor }>): Tensor }
  declare exp_: { (): Tensor }
  declare exp2: { (options?: O<{ out: Tensor }>): Tensor }
  declare exp2_: { (): Tensor }
  declare expm1: { (options?: O<{ out: Tensor }>): Tensor }
  declare expm1_: { (): Tensor }
  declare floor: { (options?: O<{ out: Tensor }>): Tensor }
  declare floor_: { (): Tensor }
  declare floorDivide: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor; (other: Scalar, options?: O<{ out: Tensor }>): Tensor }
  declare floorDivide_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare fmod: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare fmod_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare frac: { (options?: O<{ out: Tensor }>): Tensor }
  declare frac_: { (): Tensor }
  declare ge: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare ge_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare gt: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare gt_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare indexAdd: { (dim: number, index: Tensor, source: Tensor, options?: O<{ alpha: Scalar; out: Tensor }>): Tensor }
  declare indexAdd_: { (dim: number, index: Tensor, source: Tensor, options?: O<{ alpha: Scalar }>): Tensor }
  declare indexFill: { (dim: number, index: Tensor, value: Scalar, options?: O<{ out: Tensor }>): Tensor; (dim: number, index: Tensor, value: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare indexFill_: { (dim: number, index: Tensor, value: Scalar): Tensor; (dim: number, index: Tensor, value: Tensor): Tensor }
  declare indexPut: { (indices: readonly (Tensor | null)[], values: Tensor, accumulate?: boolean | indexPutOptions<Tensor>, options?: indexPutOptions<Tensor>): Tensor }
  declare indexPut_: { (indices: readonly (Tensor | null)[], values: Tensor, accumulate?: boolean | indexPut_Options, options?: indexPut_Options): Tensor }
  declare le: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare le_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare lerp: { (end: Tensor, weight: Scalar, options?: O<{ out: Tensor }>): Tensor; (end: Tensor, weight: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare lerp_: { (end: Tensor, weight: Scalar): Tensor; (end: Tensor, weight: Tensor): Tensor }
  declare lgamma: { (options?: O<{ out: Tensor }>): Tensor }
  declare lgamma_: { (): Tensor }
  declare log: { (options?: O<{ out: Tensor }>): Tensor }
  declare log_: { (): Tensor }
  declare log10: { (options?: O<{ out: Tensor }>): Tensor }
  declare log10_: { (): Tensor }
  declare log1p: { (options?: O<{ out: Tensor }>): Tensor }
  declare log1p_: { (): Tensor }
  declare log2: { (options?: O<{ out: Tensor }>): Tensor }
  declare log2_: { (): Tensor }
  declare logicalAnd: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare logicalAnd_: { (other: Tensor): Tensor }
  declare logicalNot: { (options?: O<{ out: Tensor }>): Tensor }
  declare logicalNot_: { (): Tensor }
  declare logicalOr: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare logicalOr_: { (other: Tensor): Tensor }
  declare logicalXor: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare logicalXor_: { (other: Tensor): Tensor }
  declare lt: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare lt_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare maskedFill: { (mask: Tensor, value: Scalar, options?: O<{ out: Tensor }>): Tensor; (mask: Tensor, value: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare maskedFill_: { (mask: Tensor, value: Scalar): Tensor; (mask: Tensor, value: Tensor): Tensor }
  declare maskedScatter: { (mask: Tensor, source: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare maskedScatter_: { (mask: Tensor, source: Tensor): Tensor }
  declare mul: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare mul_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare nanToNum: { (nan?: number | null | nanToNumOptions<Tensor>, posinf?: number | null | nanToNumOptions<Tensor>, neginf?: number | null | nanToNumOptions<Tensor>, options?: nanToNumOptions<Tensor>): Tensor }
  declare nanToNum_: { (nan?: number | null | nanToNum_Options, posinf?: number | null | nanToNum_Options, neginf?: number | null | nanToNum_Options, options?: nanToNum_Options): Tensor }
  declare ne: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare ne_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare neg: { (options?: O<{ out: Tensor }>): Tensor }
  declare neg_: { (): Tensor }
  declare pow: { (exponent: Scalar, options?: O<{ out: Tensor }>): Tensor; (exponent: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare pow_: { (exponent: Scalar): Tensor; (exponent: Tensor): Tensor }
  declare reciprocal: { (options?: O<{ out: Tensor }>): Tensor }
  declare reciprocal_: { (): Tensor }
  declare relu: { (options?: O<{ out: Tensor }>): Tensor }
  declare relu_: { (): Tensor }
  declare remainder: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare remainder_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare round: { (options?: O<{ out: Tensor }>): Tensor; (options: { decimals: number } & O<{ out: Tensor }>): Tensor }
  declare round_: { (): Tensor; (options: { decimals: number }): Tensor }
  declare rsqrt: { (options?: O<{ out: Tensor }>): Tensor }
  declare rsqrt_: { (): Tensor }
  declare scatter: { (dim: number, index: Tensor, src: Tensor, options?: O<{ out: Tensor }>): Tensor; (dim: number, index: Tensor, value: Scalar, options?: O<{ out: Tensor }>): Tensor; (dim: number, index: Tensor, src: Tensor, options: { reduce: string } & O<{ out: Tensor }>): Tensor; (dim: number, index: Tensor, value: Scalar, options: { reduce: string } & O<{ out: Tensor }>): Tensor }
  declare scatter_: { (dim: number, index: Tensor, src: Tensor): Tensor; (dim: number, index: Tensor, value: Scalar): Tensor; (dim: number, index: Tensor, src: Tensor, options: { reduce: string }): Tensor; (dim: number, index: Tensor, value: Scalar, options: { reduce: string }): Tensor }
  declare scatterAdd: { (dim: number, index: Tensor, src: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare scatterAdd_: { (dim: number, index: Tensor, src: Tensor): Tensor }
  declare sigmoid: { (options?: O<{ out: Tensor }>): Tensor }
  declare sigmoid_: { (): Tensor }
  declare sign: { (options?: O<{ out: Tensor }>): Tensor }
  declare sign_: { (): Tensor }
  declare sin: { (options?: O<{ out: Tensor }>): Tensor }
  declare sin_: { (): Tensor }
  declare sinh: { (options?: O<{ out: Tensor }>): Tensor }
  declare sinh_: { (): Tensor }
  declare sqrt: { (options?: O<{ out: Tensor }>): Tensor }
  declare sqrt_: { (): Tensor }
  declare square: { (options?: O<{ out: Tensor }>): Tensor }
  declare square_: { (): Tensor }
  declare sub: { (other: Scalar, alpha?: Scalar | subOptions<Tensor>, options?: subOptions<Tensor>): Tensor; (other: Tensor, options?: O<{ alpha: Scalar; out: Tensor }>): Tensor }
  declare sub_: { (other: Scalar, alpha?: Scalar | sub_Options, options?: sub_Options): Tensor; (other: Tensor, options?: O<{ alpha: Scalar }>): Tensor }
  declare tan: { (options?: O<{ out: Tensor }>): Tensor }
  declare tan_: { (): Tensor }
  declare tanh: { (options?: O<{ out: Tensor }>): Tensor }
  declare tanh_: { (): Tensor }
  declare tril: { (diagonal?: number | trilOptions<Tensor>, options?: trilOptions<Tensor>): Tensor }
  declare tril_: { (diagonal?: number | tril_Options, options?: tril_Options): Tensor }
  declare triu: { (diagonal?: number | triuOptions<Tensor>, options?: triuOptions<Tensor>): Tensor }
  declare triu_: { (diagonal?: number | triu_Options, options?: triu_Options): Tensor }
  declare trunc: { (options?: O<{ out: Tensor }>): Tensor }
  declare trunc_: { (): Tensor }
  declare xlogy: { (other: Scalar, options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare xlogy_: { (other: Scalar): Tensor; (other: Tensor): Tensor }
  declare addmm: { (mat1: Tensor, mat2: Tensor, options?: O<{ beta: Scalar; alpha: Scalar; out: Tensor }>): Tensor }
  declare all: { (options?: O<{ out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | allOptions<Tensor>, options?: allOptions<Tensor>): Tensor; (dim?: readonly number[] | null | allOptions2<Tensor>, keepdim?: boolean | allOptions2<Tensor>, options?: allOptions2<Tensor>): Tensor }
  declare allclose: { (other: Tensor, rtol?: number | allcloseOptions, atol?: number | allcloseOptions, equalNan?: boolean | allcloseOptions, options?: allcloseOptions): boolean }
  declare amax: { (dim?: number | readonly number[] | amaxOptions<Tensor>, keepdim?: boolean | amaxOptions<Tensor>, options?: amaxOptions<Tensor>): Tensor }
  declare amin: { (dim?: number | readonly number[] | aminOptions<Tensor>, keepdim?: boolean | aminOptions<Tensor>, options?: aminOptions<Tensor>): Tensor }
  declare any: { (options?: O<{ out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | anyOptions<Tensor>, options?: anyOptions<Tensor>): Tensor; (dim?: readonly number[] | null | anyOptions2<Tensor>, keepdim?: boolean | anyOptions2<Tensor>, options?: anyOptions2<Tensor>): Tensor }
  declare argmax: { (dim?: number | null | argmaxOptions<Tensor>, keepdim?: boolean | argmaxOptions<Tensor>, options?: argmaxOptions<Tensor>): Tensor }
  declare argmin: { (dim?: number | null | argminOptions<Tensor>, keepdim?: boolean | argminOptions<Tensor>, options?: argminOptions<Tensor>): Tensor }
  declare argsort: { (dim?: number | argsortOptions, descending?: boolean | argsortOptions, options?: argsortOptions): Tensor; (options: { stable: boolean } & O<{ dim: number; descending: boolean; out: Tensor }>): Tensor }
  declare asStrided: { (size: readonly number[], stride: readonly number[], storageOffset?: number | null | asStridedOptions, options?: asStridedOptions): Tensor }
  declare baddbmm: { (batch1: Tensor, batch2: Tensor, options?: O<{ beta: Scalar; alpha: Scalar; out: Tensor }>): Tensor }
  declare bincount: { (weights?: Tensor | null | bincountOptions<Tensor>, minlength?: number | bincountOptions<Tensor>, options?: bincountOptions<Tensor>): Tensor }
  declare bmm: { (mat2: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare broadcastTo: { (size: readonly number[]): Tensor }
  declare chunk: { (chunks: number, dim?: number | chunkOptions, options?: chunkOptions): Tensor[] }
  declare clone: { (options?: O<{ memoryFormat: MemoryFormat | null; out: Tensor }>): Tensor }
  declare contiguous: { (options?: O<{ memoryFormat: MemoryFormat }>): Tensor }
  declare countNonzero: { (dim?: number | null | countNonzeroOptions<Tensor>, options?: countNonzeroOptions<Tensor>): Tensor; (dim: readonly number[], options?: O<{ out: Tensor }>): Tensor }
  declare cummax: { (dim: number): [Tensor, Tensor] }
  declare cummin: { (dim: number): [Tensor, Tensor] }
  declare detach: { (): Tensor }
  declare diag: { (diagonal?: number | diagOptions<Tensor>, options?: diagOptions<Tensor>): Tensor }
  declare diagonal: { (offset?: number | diagonalOptions, dim1?: number | diagonalOptions, dim2?: number | diagonalOptions, options?: diagonalOptions): Tensor }
  declare diff: { (n?: number | diffOptions<Tensor>, dim?: number | diffOptions<Tensor>, prepend?: Tensor | null | diffOptions<Tensor>, append?: Tensor | null | diffOptions<Tensor>, options?: diffOptions<Tensor>): Tensor }
  declare dot: { (tensor: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare equal: { (other: Tensor): boolean }
  declare expand: { (size: readonly number[], options?: O<{ implicit: boolean }>): Tensor }
  declare expandAs: { (other: Tensor): Tensor }
  declare flatten: { (startDim?: number | flattenOptions, endDim?: number | flattenOptions, options?: flattenOptions): Tensor }
  declare flip: { (dims: readonly number[], options?: O<{ out: Tensor }>): Tensor }
  declare gather: { (dim: number, index: Tensor, options?: O<{ sparseGrad: boolean; out: Tensor }>): Tensor }
  declare histc: { (bins?: number | histcOptions<Tensor>, min?: Scalar | histcOptions<Tensor>, max?: Scalar | histcOptions<Tensor>, options?: histcOptions<Tensor>): Tensor }
  declare indexSelect: { (dim: number, index: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare inverse: { (options?: O<{ out: Tensor }>): Tensor }
  declare isclose: { (other: Tensor, rtol?: number | iscloseOptions, atol?: number | iscloseOptions, equalNan?: boolean | iscloseOptions, options?: iscloseOptions): Tensor }
  declare isfinite: { (): Tensor }
  declare isinf: { (options?: O<{ out: Tensor }>): Tensor }
  declare isnan: { (options?: O<{ out: Tensor }>): Tensor }
  declare kthvalue: { (k: number, dim?: number | kthvalueOptions, keepdim?: boolean | kthvalueOptions, options?: kthvalueOptions): [Tensor, Tensor] }
  declare logSoftmax: { (dim: number, dtype?: DType | null | logSoftmaxOptions<Tensor>, options?: logSoftmaxOptions<Tensor>): Tensor }
  declare logsumexp: { (dim: number | readonly number[], keepdim?: boolean | logsumexpOptions<Tensor>, options?: logsumexpOptions<Tensor>): Tensor }
  declare maskedSelect: { (mask: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare matmul: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare max: { (options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | maxOptions, options?: maxOptions): [Tensor, Tensor] }
  declare maximum: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare mean: { (options?: O<{ dtype: DType | null; out: Tensor }>): Tensor; (dim: number | readonly number[] | null, keepdim?: boolean | meanOptions<Tensor>, options?: meanOptions<Tensor>): Tensor }
  declare median: { (options?: O<{ out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | medianOptions, options?: medianOptions): [Tensor, Tensor] }
  declare min: { (options?: O<{ out: Tensor }>): Tensor; (other: Tensor, options?: O<{ out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | minOptions, options?: minOptions): [Tensor, Tensor] }
  declare minimum: { (other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare mm: { (mat2: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare mode: { (dim?: number | modeOptions, keepdim?: boolean | modeOptions, options?: modeOptions): [Tensor, Tensor] }
  declare moveaxis: { (source: number, destination: number): Tensor; (source: readonly number[], destination: readonly number[]): Tensor }
  declare movedim: { (source: number, destination: number): Tensor; (source: readonly number[], destination: readonly number[]): Tensor }
  declare multinomial: { (numSamples: number, replacement?: boolean | multinomialOptions<Tensor>, options?: multinomialOptions<Tensor>): Tensor }
  declare mv: { (vec: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare narrow: { (dim: number, start: number, length: number): Tensor; (dim: number, start: Tensor, length: number): Tensor }
  declare newEmpty: { (size: readonly number[], options?: O<{ dtype: DType | null; layout: Layout | null; device: Device | null; pinMemory: boolean | null }>): Tensor }
  declare newFull: { (size: readonly number[], fillValue: Scalar, options?: O<{ dtype: DType | null; layout: Layout | null; device: Device | null; pinMemory: boolean | null }>): Tensor }
  declare newOnes: { (size: readonly number[], options?: O<{ dtype: DType | null; layout: Layout | null; device: Device | null; pinMemory: boolean | null }>): Tensor }
  declare newZeros: { (size: readonly number[], options?: O<{ dtype: DType | null; layout: Layout | null; device: Device | null; pinMemory: boolean | null }>): Tensor }
  declare nonzero: { (options?: O<{ out: Tensor }>): Tensor }
  declare norm: { (p?: Scalar | normOptions<Tensor>, options?: normOptions<Tensor>): Tensor; (p: Scalar | null, options: { dtype: DType } & O<{ out: Tensor }>): Tensor; (p: Scalar | null, dim: number | readonly number[], keepdim?: boolean | normOptions2<Tensor>, options?: normOptions2<Tensor>): Tensor; (p: Scalar | null, dim: number | readonly number[], keepdim: boolean, options: { dtype: DType } & O<{ out: Tensor }>): Tensor }
  declare outer: { (vec2: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare permute: { (dims: readonly number[]): Tensor }
  declare prod: { (options?: O<{ dtype: DType | null; out: Tensor }>): Tensor; (dim: number, keepdim?: boolean | prodOptions<Tensor>, options?: prodOptions<Tensor>): Tensor }
  declare quantile: { (q: Tensor, dim?: number | null | quantileOptions<Tensor>, keepdim?: boolean | quantileOptions<Tensor>, options?: quantileOptions<Tensor>): Tensor; (q: number, dim?: number | null | quantileOptions<Tensor>, keepdim?: boolean | quantileOptions<Tensor>, options?: quantileOptions<Tensor>): Tensor }
  declare repeat: { (repeats: readonly number[], options?: O<{ out: Tensor }>): Tensor }
  declare repeatInterleave: { (options?: O<{ outputSize: number | null; out: Tensor }>): Tensor; (repeats: Tensor, dim?: number | null | repeatInterleaveOptions, options?: repeatInterleaveOptions): Tensor; (repeats: number, dim?: number | null | repeatInterleaveOptions, options?: repeatInterleaveOptions): Tensor }
  declare reshape: { (shape: readonly number[]): Tensor }
  declare reshapeAs: { (other: Tensor): Tensor }
  declare roll: { (shifts: number | readonly number[], dims?: number | readonly number[] | rollOptions<Tensor>, options?: rollOptions<Tensor>): Tensor }
  declare select: { (dim: number, index: number): Tensor }
  declare silu: { (options?: O<{ out: Tensor }>): Tensor }
  declare gelu: { (options?: O<{ approximate: string; out: Tensor }>): Tensor }
  declare slice: { (dim?: number | sliceOptions, start?: number | null | sliceOptions, end?: number | null | sliceOptions, step?: number | sliceOptions, options?: sliceOptions): Tensor }
  declare softmax: { (dim: number, dtype?: DType | null | softmaxOptions<Tensor>, options?: softmaxOptions<Tensor>): Tensor }
  declare sort: { (dim?: number | sortOptions, descending?: boolean | sortOptions, options?: sortOptions): [Tensor, Tensor]; (options: { stable: boolean | null } & O<{ dim: number; descending: boolean }>): [Tensor, Tensor] }
  declare split: { (splitSize: number, dim?: number | splitOptions, options?: splitOptions): Tensor[]; (splitSize: readonly number[], dim?: number | splitOptions, options?: splitOptions): Tensor[] }
  declare splitWithSizes: { (splitSizes: readonly number[], dim?: number | splitWithSizesOptions, options?: splitWithSizesOptions): Tensor[] }
  declare squeeze: { (): Tensor; (dim: number): Tensor; (dim: readonly number[]): Tensor }
  declare std: { (unbiased?: boolean | stdOptions, options?: stdOptions): Tensor; (dim?: number | readonly number[] | null | stdOptions2<Tensor>, options?: stdOptions2<Tensor>): Tensor; (dim: number | readonly number[] | null, unbiased?: boolean | stdOptions3<Tensor>, keepdim?: boolean | stdOptions3<Tensor>, options?: stdOptions3<Tensor>): Tensor }
  declare sum: { (options?: O<{ dtype: DType | null; out: Tensor }>): Tensor; (dim: number | readonly number[] | null, keepdim?: boolean | sumOptions<Tensor>, options?: sumOptions<Tensor>): Tensor }
  declare t: { (): Tensor }
  declare take: { (index: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare takeAlongDim: { (indices: Tensor, dim?: number | null | takeAlongDimOptions<Tensor>, options?: takeAlongDimOptions<Tensor>): Tensor }
  declare tile: { (dims: readonly number[]): Tensor }
  declare topk: { (k: number, dim?: number | topkOptions, largest?: boolean | topkOptions, sorted?: boolean | topkOptions, options?: topkOptions): [Tensor, Tensor] }
  declare trace: { (options?: O<{ out: Tensor }>): Tensor }
  declare transpose: { (dim0: number, dim1: number): Tensor }
  declare unbind: { (dim?: number | unbindOptions, options?: unbindOptions): Tensor[] }
  declare unflatten: { (dim: number, sizes: readonly number[]): Tensor }
  declare unfold: { (dimension: number, size: number, step: number): Tensor }
  declare unsqueeze: { (dim: number): Tensor }
  declare var: { (unbiased?: boolean | varOptions, options?: varOptions): Tensor; (dim?: number | readonly number[] | null | varOptions2<Tensor>, options?: varOptions2<Tensor>): Tensor; (dim: number | readonly number[] | null, unbiased?: boolean | varOptions3<Tensor>, keepdim?: boolean | varOptions3<Tensor>, options?: varOptions3<Tensor>): Tensor }
  declare view: { (size: readonly number[]): Tensor; (dtype: DType): Tensor }
  declare viewAs: { (other: Tensor): Tensor }
  declare where: { (): Tensor[]; (self: Scalar, other: Scalar): Tensor; (self: Tensor, other: Scalar): Tensor; (self: Scalar, other: Tensor): Tensor; (self: Tensor, other: Tensor, options?: O<{ out: Tensor }>): Tensor }
  declare bernoulli_: { (p: Tensor): Tensor; (p?: number | bernoulli_Options, options?: bernoulli_Options): Tensor }
  declare cauchy_: { (median?: number | cauchy_Options, sigma?: number | cauchy_Options, options?: cauchy_Options): Tensor }
  declare copy_: { (src: Tensor, nonBlocking?: boolean | copy_Options, options?: copy_Options): Tensor }
  declare exponential_: { (lambd?: number | exponential_Options, options?: exponential_Options): Tensor }
  declare fill_: { (value: Scalar): Tensor; (value: Tensor): Tensor }
  declare fillDiagonal_: { (fillValue: Scalar, wrap?: boolean | fillDiagonal_Options, options?: fillDiagonal_Options): Tensor }
  declare geometric_: { (p: number): Tensor }
  declare logNormal_: { (mean?: number | logNormal_Options, std?: number | logNormal_Options, options?: logNormal_Options): Tensor }
  declare normal_: { (mean?: number | normal_Options, std?: number | normal_Options, options?: normal_Options): Tensor }
  declare random_: { (): Tensor; (to: number): Tensor; (from: number, to: number | null): Tensor }
  declare squeeze_: { (): Tensor; (dim: number): Tensor; (dim: readonly number[]): Tensor }
  declare t_: { (): Tensor }
  declare transpose_: { (dim0: number, dim1: number): Tensor }
  declare unsqueeze_: { (dim: number): Tensor }
  declare uniform_: { (from?: number | uniform_Options, to?: number | uniform_Options, options?: uniform_Options): Tensor }
  declare zero_: { (): Tensor }
  declare silu_: { (): Tensor }
  declare gelu_: { (options?: O<{ approximate: string }>): Tensor }
  declare resize_: { (size: readonly number[], options?: O<{ memoryFormat: MemoryFormat | null }>): Tensor }
}

for (const name of 'abs abs_ acos acos_ acosh acosh_ add add_ addcdiv addcdiv_ addcmul addcmul_ asin asin_ asinh asinh_ atan atan_ atan2 atan2_ atanh atanh_ bitwise_and bitwise_and_ bitwise_not bitwise_not_ bitwise_or bitwise_or_ bitwise_xor bitwise_xor_ ceil ceil_ clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ copysign copysign_ cos cos_ cosh cosh_ cumprod cumprod_ cumsum cumsum_ digamma digamma_ div div_ eq eq_ erf erf_ erfc erfc_ erfinv erfinv_ exp exp_ exp2 exp2_ expm1 expm1_ floor floor_ floor_divide floor_divide_ fmod fmod_ frac frac_ ge ge_ gt gt_ index_add index_add_ index_fill index_fill_ index_put index_put_ le le_ lerp lerp_ lgamma lgamma_ log log_ log10 log10_ log1p log1p_ log2 log2_ logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor logical_xor_ lt lt_ masked_fill masked_fill_ masked_scatter masked_scatter_ mul mul_ nan_to_num nan_to_num_ ne ne_ neg neg_ pow pow_ reciprocal reciprocal_ relu relu_ remainder remainder_ round round_ rsqrt rsqrt_ scatter scatter_ scatter_add scatter_add_ sigmoid sigmoid_ sign sign_ sin sin_ sinh sinh_ sqrt sqrt_ square square_ sub sub_ tan tan_ tanh tanh_ tril tril_ triu triu_ trunc trunc_ xlogy xlogy_ addmm all allclose amax amin any argmax argmin argsort as_strided baddbmm bincount bmm broadcast_to chunk clone contiguous count_nonzero cummax cummin detach diag diagonal diff dot equal expand expand_as flatten flip gather histc index_select inverse isclose isfinite isinf isnan kthvalue log_softmax logsumexp masked_select matmul max maximum mean median min minimum mm mode moveaxis movedim multinomial mv narrow new_empty new_full new_ones new_zeros nonzero norm outer permute prod quantile repeat repeat_interleave reshape reshape_as roll select silu gelu slice softmax sort split split_with_sizes squeeze std sum t take take_along_dim tile topk trace transpose unbind unflatten unfold unsqueeze var view view_as where bernoulli_ cauchy_ copy_ exponential_ fill_ fill_diagonal_ geometric_ log_normal_ normal_ random_ squeeze_ t_ transpose_ unsqueeze_ uniform_ zero_ silu_ gelu_ resize_'.split(' ')) {
  Object.defineProperty(TensorMethods.prototype, camelCase(name), {
    value: method(op(name)),
    writable: true,
    configurable: true,
  })
}
