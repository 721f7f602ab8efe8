/** Calls that are compared with PyTorch: an operator, its arguments, and whether gradients are compared too. */

import type { DType } from '@hadal/tensor'

/** A tensor described, so that both sides make the same one: uniform in [low, high), from a seed. */
export interface TensorSpec {
  readonly tensor: {
    readonly shape: readonly number[]
    readonly dtype: DType
    readonly low: number
    readonly high: number
  }
}
export type ArgumentSpec = number | boolean | string | null | TensorSpec | readonly ArgumentSpec[]

export interface Case {
  readonly op: string
  readonly args: readonly ArgumentSpec[]
  readonly options?: Readonly<Record<string, ArgumentSpec>>
  /** Compares the gradients of a weighted sum of the outputs with respect to every float32 argument. */
  readonly gradients: boolean
}

const t = (shape: readonly number[], low = -2, high = 2, dtype: DType = 'float32'): TensorSpec => ({
  tensor: { shape, dtype, low, high },
})
const ints = (shape: readonly number[], high: number, low = 0): TensorSpec => t(shape, low, high, 'int64')
const mask = (shape: readonly number[]): TensorSpec => t(shape, 0, 2, 'bool')
const words = (text: string): string[] => text.trim().split(/\s+/)

const cases: Case[] = []
const both = (op: string, args: readonly ArgumentSpec[], options?: Case['options']): void => {
  cases.push({ op, args, gradients: true, ...(options && { options }) })
}
const values = (op: string, args: readonly ArgumentSpec[], options?: Case['options']): void => {
  cases.push({ op, args, gradients: false, ...(options && { options }) })
}

for (const op of words(`abs asinh atan ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac logSigmoid neg positive
  rad2deg relu relu6 round selu sigmoid sign silu sin sinh square tan tanh trunc hardsigmoid hardswish mish gelu celu
  elu hardtanh hardshrink softshrink softplus leakyRelu nanToNum sinc i0 sgn absolute negative fix specialI0e
  specialI1 specialErfcx specialEntr specialNdtr specialExpit logit`)) {
  const inside = op === 'logit'
  both(op, [t([3, 4], inside ? 0.1 : -2, inside ? 0.9 : 2)])
  values(op, [t([2, 3, 2], inside ? 0.1 : -2, inside ? 0.9 : 2, 'float64')])
}
for (const op of words(`log log10 log1p log2 sqrt rsqrt reciprocal lgamma digamma acosh`))
  both(op, [t([3, 4], 1.1, 4)])
for (const op of words('acos asin atanh erfinv')) both(op, [t([3, 4], -0.9, 0.9)])
for (const op of words('isnan isinf isfinite isneginf isposinf signbit logicalNot isreal'))
  values(op, [t([5])])
for (const op of words('bitwiseNot abs neg sign square')) values(op, [ints([2, 5], 20, -20)])

for (const op of words(`add sub mul div atan2 maximum minimum fmax fmin hypot copysign logaddexp logaddexp2 pow
  floatPower rsub trueDivide multiply subtract divide xlogy`)) {
  const positive = op === 'pow' || op === 'floatPower' || op === 'xlogy'
  both(op, [t([3, 4], positive ? 0.2 : -2), t([3, 4], positive ? 0.2 : 0.5, 3)])
  both(op, [t([2, 1, 4], positive ? 0.2 : -2), t([3, 1], positive ? 0.2 : 0.5, 3)])
}
for (const op of words('eq ne lt le gt ge remainder fmod floorDivide nextafter heaviside isclose')) {
  values(op, [t([3, 4]), t([3, 4], 0.5, 3)])
}
for (const op of words('bitwiseAnd bitwiseOr bitwiseXor gcd lcm bitwiseLeftShift bitwiseRightShift')) {
  values(op, [ints([3, 4], 8), ints([3, 4], 5)])
}
for (const op of words('logicalAnd logicalOr logicalXor')) values(op, [mask([3, 4]), mask([4])])
for (const op of words('add sub mul div pow remainder fmod floorDivide eq ne lt le gt ge')) {
  values(op, [t([3, 4], 0.5), 2])
  values(op, [t([3, 4], 0.5), 2.5])
  values(op, [ints([3, 4], 9, 1), 2])
}
values('mul', [ints([3], 9), 2.5])
values('add', [mask([3]), 1])
both('add', [t([3]), t([3])], { alpha: 0.5 })
both('sub', [t([3]), 2, 3])
for (const roundingMode of ['floor', 'trunc']) values('div', [t([3, 4]), t([4], 0.5)], { roundingMode })
both('lerp', [t([4]), t([4]), 0.3])
both('lerp', [t([4]), t([4]), t([4], 0, 1)])
both('addcmul', [t([3, 4]), t([3, 4]), t([4])], { value: 0.5 })
both('addcdiv', [t([3, 4]), t([3, 4]), t([4], 1)])
both('clamp', [t([3, 4]), -0.5, 0.7])
both('clamp', [t([3, 4]), null, 0.7])
both('clamp', [t([3, 4])], { min: 0 })
both('clamp', [t([3, 4]), t([4], -1, 0), t([4], 0.5, 1)])
both('clampMin', [t([3, 4]), 0.1])
both('where', [mask([3, 4]), t([3, 4]), t([4])])
values('where', [mask([3]), t([3]), 2])
values('where', [mask([3, 4])])
both('maskedFill', [t([3, 4]), mask([3, 4]), -5])
values('ldexp', [t([3]), ints([3], 4)])
values('polygamma', [1, t([3], 1)])

for (const op of words(
  'sum mean amax amin prod std var logsumexp nansum norm argmax argmin all any countNonzero median',
)) {
  const smooth = !/^(argmax|argmin|all|any|countNonzero)$/.test(op)
  const call = smooth ? both : values
  if (op !== 'logsumexp') call(op, [t([3, 4], 0.1)])
  const dims = /^(argmax|argmin|prod|median)$/.test(op) ? 1 : [1]
  call(op, op === 'norm' ? [t([3, 4], 0.1), 2, [1]] : [t([3, 4], 0.1), dims])
  if (op !== 'norm' && op !== 'countNonzero') call(op, [t([3, 2, 4], 0.1), 0], { keepdim: true })
}
both('sum', [t([2, 3, 4]), [0, 2]])
values('sum', [t([2, 3], -2, 2, 'bfloat16'), [1]], { dtype: 'float32' })
values('sum', [ints([3, 4], 9)])
both('mean', [t([2, 3, 4]), [-1, 0], true])
both('std', [t([3, 4]), [1]], { correction: 0 })
both('var', [t([3, 4]), [0, 1]], { correction: 2 })
both('varMean', [t([3, 4]), [1]])
both('max', [t([3, 4])])
both('max', [t([3, 4]), 1])
both('min', [t([3, 4]), 0, true])
both('max', [t([3]), t([3])])
both('kthvalue', [t([3, 5]), 2])
values('mode', [ints([3, 5], 3)])
values('aminmax', [t([3, 4])], { dim: 1 })
both('cumsum', [t([3, 4]), 1])
both('cumprod', [t([3, 4], 0.5), 0])
both('cummax', [t([3, 4]), 1])
both('logcumsumexp', [t([3, 4]), 1])
both('quantile', [t([3, 5]), 0.3, 1])
values('histc', [t([20]), 5, -2, 2])
values('bincount', [ints([10], 6)])
values('bincount', [ints([10], 6)], { minlength: 9 })

for (const op of words('mm matmul')) both(op, [t([3, 4]), t([4, 2])])
both('matmul', [t([2, 3, 4]), t([4, 5])])
both('matmul', [t([4]), t([4])])
both('bmm', [t([2, 3, 4]), t([2, 4, 2])])
both('mv', [t([3, 4]), t([4])])
both('dot', [t([4]), t([4])])
both('outer', [t([3]), t([4])])
both('addmm', [t([2]), t([3, 4]), t([4, 2])], { beta: 0.5, alpha: 2 })
both('baddbmm', [t([2, 3, 2]), t([2, 3, 4]), t([2, 4, 2])])
both('addmv', [t([3]), t([3, 4]), t([4])])
both('linear', [t([2, 3, 4]), t([5, 4]), t([5])])
both('linear', [t([3, 4]), t([5, 4])])
both('bilinear', [t([3, 4]), t([3, 2]), t([5, 4, 2]), t([5])])
both('einsum', ['bij,bjk->bik', [t([2, 3, 4]), t([2, 4, 5])]])
both('tensordot', [t([3, 4]), t([4, 2]), [1], [0]])
both('kron', [t([2, 2]), t([2, 3])])
both('cross', [t([4, 3]), t([4, 3])], { dim: 1 })
both('chainMatmul', [[t([2, 3]), t([3, 4]), t([4, 2])]])
both('trace', [t([4, 4])])
both('cdist', [t([3, 4]), t([5, 4])])
both('cosineSimilarity', [t([3, 4]), t([3, 4])])
both('pairwiseDistance', [t([3, 4]), t([3, 4])])
for (const op of words(
  'linalgInv linalgDet linalgSlogdet linalgMatrixExp linalgSvdvals linalgPinv linalgCond',
)) {
  both(op, [t([3, 3], 0.2)])
}
values('linalgQr', [t([4, 3])])
values('linalgEigvalsh', [t([3, 3])])
both('linalgSolve', [t([3, 3]), t([3, 2])])
both('linalgVectorNorm', [t([3, 4]), 3, [1]])
both('linalgMatrixNorm', [t([3, 4]), 'fro'])
both('linalgMatrixPower', [t([3, 3]), 3])
both('linalgSolveTriangular', [t([3, 3], 0.5), t([3, 2])], { upper: true })

for (const op of words('softmax logSoftmax specialSoftmax')) both(op, [t([3, 4]), 1])
values('softmax', [t([3, 4], -2, 2, 'bfloat16'), -1, 'float32'])
both('glu', [t([3, 4]), 1])
both('prelu', [t([3, 4]), t([1], 0.1, 0.3)])
both('threshold', [t([3, 4]), 0.1, 9])
both('gelu', [t([3, 4])], { approximate: 'tanh' })
both('layerNorm', [t([3, 4]), [4], t([4]), t([4]), 1e-5])
both('rmsNorm', [t([2, 3, 4]), [4], t([4])], { eps: 1e-6 })
both('groupNorm', [t([2, 4, 3]), 2, t([4]), t([4])])
both('batchNorm', [t([4, 3]), t([3]), t([3]), null, null, true, 0.1, 1e-5, false])
both('instanceNorm', [t([2, 3, 5]), null, null, null, null, true, 0.1, 1e-5, false])
both('embedding', [t([10, 4]), ints([2, 3], 10)])
both('embedding', [t([10, 4]), ints([2, 3], 10)], { paddingIdx: 2 })
both('conv1d', [t([2, 3, 8]), t([4, 3, 3]), t([4])], { padding: [1] })
both('conv1d', [t([2, 3, 8]), t([4, 3, 3])], { padding: 'same' })
both('conv2d', [t([2, 4, 6, 6]), t([4, 2, 3, 3]), t([4]), [2, 2], [1, 1], [1, 1], 2])
both('conv2d', [t([1, 2, 6, 6]), t([4, 2, 3, 3])], { stride: [2, 2] })
both('conv3d', [t([1, 2, 4, 4, 4]), t([3, 2, 2, 2, 2])])
both('convTranspose2d', [t([1, 3, 4, 4]), t([3, 2, 3, 3])], { stride: [2, 2], outputPadding: [1, 1] })
both('avgPool2d', [t([1, 2, 6, 6]), 2])
both('maxPool2d', [t([1, 2, 6, 6]), 3], { stride: 1, padding: 1 })
both('maxPool1d', [t([2, 3, 8]), 2])
both('adaptiveAvgPool2d', [t([1, 2, 6, 6]), [2, 3]])
both('upsampleNearest2d', [t([1, 2, 3, 3]), [6, 6]])
both('upsampleBilinear2d', [t([1, 2, 3, 3]), [5, 5], false])
both('upsampleBicubic2d', [t([1, 2, 3, 3]), [6, 5], true])
both('gridSampler', [t([1, 2, 4, 4]), t([1, 3, 3, 2], -1, 1), 0, 0, false])
both('affineGridGenerator', [t([1, 2, 3]), [1, 2, 3, 3], false])
both('pixelShuffle', [t([1, 4, 2, 2]), 2])
both('im2col', [t([1, 2, 5, 5]), [3, 3], [1, 1], [0, 0], [1, 1]])
both('unfold', [t([8]), 0, 3, 2])
both('pad', [t([2, 3]), [1, 2]], { value: 0.5 })
both('pad', [t([1, 2, 5]), [1, 2], 'reflect'])
both('constantPadNd', [t([2, 3]), [1, 0, 0, 1], 2])
for (const enableGqa of [false, true]) {
  const heads = enableGqa ? 2 : 4
  const query = t([2, 4, 5, 8])
  const keys = t([2, heads, 5, 8])
  both('scaledDotProductAttention', [query, keys, keys], { isCausal: true, enableGqa })
  both('scaledDotProductAttention', [query, keys, keys], { scale: 0.3, enableGqa, attnMask: t([5, 5]) })
}
for (const reduction of ['none', 'mean', 'sum']) {
  both('mseLoss', [t([3, 4]), t([3, 4])], { reduction })
  both('l1Loss', [t([3, 4]), t([3, 4])], { reduction })
  both('smoothL1Loss', [t([3, 4]), t([3, 4])], { reduction, beta: 0.7 })
  both('huberLoss', [t([3, 4]), t([3, 4])], { reduction, delta: 0.7 })
  both('crossEntropyLoss', [t([4, 5]), ints([4], 5)], { reduction, labelSmoothing: 0.1 })
  both('crossEntropyLoss', [t([4, 5]), t([4, 5], 0, 1)], { reduction })
  both('nllLoss', [t([4, 5]), ints([4], 5)], { reduction })
  both('binaryCrossEntropy', [t([3, 4], 0.1, 0.9), t([3, 4], 0.1, 0.9)], { reduction })
  both('binaryCrossEntropyWithLogits', [t([3, 4]), t([3, 4], 0, 1)], { reduction })
  both('klDiv', [t([3, 4]), t([3, 4], 0.1, 1)], { reduction })
  values('softMarginLoss', [t([3, 4]), t([3, 4])], { reduction })
  both('marginRankingLoss', [t([4]), t([4]), t([4])], { reduction })
  both('cosineEmbeddingLoss', [t([3, 4]), t([3, 4]), ints([3], 2, 1)], { reduction })
  both('tripletMarginLoss', [t([3, 4]), t([3, 4]), t([3, 4])], { reduction })
}
values('crossEntropyLoss', [t([4, 5]), ints([4], 3)], { ignoreIndex: 1, weight: t([5], 0.5, 2) })

both('reshape', [t([3, 4]), [2, 6]])
both('view', [t([3, 4]), [-1, 2]])
both('transpose', [t([2, 3, 4]), 0, 2])
both('permute', [t([2, 3, 4]), [2, 0, 1]])
both('t', [t([3, 4])])
both('flatten', [t([2, 3, 4]), 1])
both('unflatten', [t([2, 6]), 1, [2, 3]])
both('squeeze', [t([2, 1, 3])])
both('squeeze', [t([2, 1, 3]), 1])
both('unsqueeze', [t([2, 3]), 1])
both('expand', [t([2, 1]), [2, 3]])
both('repeat', [t([2, 3]), [2, 1]])
both('tile', [t([2, 3]), [2, 2]])
both('repeatInterleave', [t([2, 3]), 2, 1])
both('flip', [t([2, 3]), [0, 1]])
both('roll', [t([2, 3]), [1], [1]])
both('rot90', [t([2, 3])])
both('movedim', [t([2, 3, 4]), 0, 2])
both('narrow', [t([4, 3]), 0, 1, 2])
both('select', [t([4, 3]), 0, -1])
both('slice', [t([6, 3]), 0, 1, 5, 2])
both('slice', [t([6, 3])], { dim: 0, start: 2 })
both('cat', [[t([2, 3]), t([1, 3])], 0])
both('stack', [[t([2, 3]), t([2, 3])], 1])
both('hstack', [[t([2, 3]), t([2, 1])]])
both('split', [t([5, 3]), 2])
both('split', [t([5, 3]), [1, 4], 0])
both('chunk', [t([5, 3]), 2])
both('tensorSplit', [t([5, 3]), 3])
both('unbind', [t([3, 2])])
both('tril', [t([4, 4])])
both('triu', [t([4, 4]), 1])
both('diag', [t([4])])
both('diagonal', [t([3, 4])], { offset: 1 })
both('diagEmbed', [t([2, 3])])
both('gather', [t([3, 4]), 1, ints([3, 2], 4)])
both('indexSelect', [t([5, 3]), 0, ints([4], 5)])
both('takeAlongDim', [t([3, 4]), ints([3, 2], 4), 1])
both('take', [t([3, 4]), ints([5], 12)])
both('index', [t([5, 3]), [ints([4], 5)]])
both('index', [t([5, 3]), [null, ints([2], 3)]])
both('indexPut', [t([5, 3]), [ints([1], 5)], t([1, 3])])
both('indexAdd', [t([5, 3]), 0, ints([2], 5), t([2, 3])])
both('indexFill', [t([5, 3]), 0, ints([2], 5), 1.5])
both('scatter', [t([3, 4]), 1, ints([3, 1], 4), t([3, 1])])
both('scatter', [t([3, 4]), 1, ints([3, 1], 4), 2])
both('scatterAdd', [t([3, 4]), 1, ints([3, 2], 4), t([3, 2])])
both('scatterReduce', [t([3, 4]), 1, ints([3, 2], 4), t([3, 2]), 'amax'])
both('maskedSelect', [t([3, 4]), mask([3, 4])])
both('maskedScatter', [t([3, 4]), mask([3, 4]), t([12])])
both('sort', [t([3, 5])])
both('sort', [t([3, 5])], { dim: 0, descending: true })
both('topk', [t([3, 5]), 2])
values('argsort', [t([3, 5])])
values('searchsorted', [t([5], 0, 1), t([3], 0, 1)])
values('bucketize', [t([4]), t([3], 0, 1)])
values('nonzero', [mask([3, 4])])
values('oneHot', [ints([4], 5), 5])
values('uniqueConsecutive', [ints([8], 2)])
values('_unique2', [ints([8], 4), true, true, true])
values('isin', [ints([6], 5), ints([3], 5)])
both('meshgrid', [[t([2]), t([3])]], { indexing: 'ij' })
both('cartesianProd', [[t([2]), t([3])]])
both('broadcastTo', [t([1, 3]), [2, 3]])
both('diff', [t([3, 5])])
both('gradient', [t([6])])
both('trapezoid', [t([5])])
both('renorm', [t([3, 4]), 2, 0, 1])

values('zeros', [[2, 3]])
values('ones', [[2, 3]], { dtype: 'int64' })
values('full', [[2], 1.5])
values('eye', [3])
values('arange', [5])
values('arange', [1, 9, 2])
values('arange', [0, 1, 0.25])
values('linspace', [0, 1, 5])
values('logspace', [0, 2, 3])
values('zerosLike', [ints([2, 3], 4)])
values('fullLike', [ints([2, 3], 4), 7])
values('trilIndices', [3, 3])
values('hannWindow', [6])
values('to', [t([3])], { dtype: 'float64' })
values('to', [t([3], -9, 9)], { dtype: 'int64' })
values('fftRfft', [t([8])])
both('fftIrfft', [t([5])])
values('viewAsReal', [t([3], -2, 2, 'complex64')])
values('angle', [t([4])])

values('_foreachAdd', [[t([2]), t([3])], 1.5])
values('_foreachMul', [
  [t([2]), t([3])],
  [2, 3],
])
values('_foreachNorm', [[t([2, 3]), t([3])]])
values('_foreachSqrt', [[t([2], 0.1), t([3], 0.1)]])
values('_foreachAddcdiv', [[t([2])], [t([2])], [t([2], 0.5)], 0.1])
values('_intMm', [t([32, 32], -9, 9, 'int8'), t([32, 32], -9, 9, 'int8')])
both('fakeQuantizePerTensorAffine', [t([3, 4]), 0.1, 0, -8, 7])
both('_fakeQuantizeLearnablePerTensorAffine', [t([3, 4]), t([1], 0.1, 0.2), t([1], 0, 1), -8, 7])
both('ctcLoss', [t([6, 2, 5], -3, 0), ints([2, 3], 5, 1), [6, 6], [3, 2]])
both('_upsampleBilinear2dAa', [t([1, 2, 6, 6]), [3, 3], false])

export const pytorchCases: readonly Case[] = cases
