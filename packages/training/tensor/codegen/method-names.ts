/** Operators that are also methods of `Tensor`: those whose first argument reads naturally as the receiver. */

const pairs = `abs acos acosh add addcdiv addcmul asin asinh atan atan2 atanh bitwise_and bitwise_not bitwise_or
  bitwise_xor ceil clamp clamp_max clamp_min copysign cos cosh cumprod cumsum digamma div eq erf erfc erfinv exp exp2
  expm1 floor floor_divide fmod frac ge gt index_add index_fill index_put le lerp lgamma log log10 log1p log2
  logical_and logical_not logical_or logical_xor lt masked_fill masked_scatter mul nan_to_num ne neg pow reciprocal relu
  remainder round rsqrt scatter scatter_add sigmoid sign sin sinh sqrt square sub tan tanh tril triu trunc xlogy`

const functional = `addmm all allclose amax amin any argmax argmin argsort as_strided baddbmm bincount bmm broadcast_to
  chunk clone contiguous count_nonzero cummax cummin detach diag diagonal diff dot equal expand expand_as flatten
  flip gather histc index_select inverse isclose isfinite isinf isnan kthvalue log_softmax logsumexp masked_select matmul
  max maximum mean median min minimum mm mode moveaxis movedim multinomial mv narrow new_empty new_full new_ones new_zeros
  nonzero norm outer permute prod quantile repeat repeat_interleave reshape reshape_as roll select silu gelu slice
  softmax sort split split_with_sizes squeeze std sum t take take_along_dim tile topk trace transpose unbind unflatten
  unfold unsqueeze var view view_as where`

const inPlace = `bernoulli_ cauchy_ copy_ exponential_ fill_ fill_diagonal_ geometric_ log_normal_ normal_ random_
  squeeze_ t_ transpose_ unsqueeze_ uniform_ zero_ silu_ gelu_ resize_`

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

/** `where` is spelt `condition.where(a, b)`. */
export const methodNames: readonly string[] = [
  ...words(pairs).flatMap((name) => [name, `${name}_`]),
  ...words(functional),
  ...words(inPlace),
]
