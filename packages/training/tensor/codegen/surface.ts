/**
 * Which operators are public. Everything libtorch documents for users is; its own plumbing is not, partly because
 * plumbing trusts its caller and can crash the process. The rest stays reachable through `op(name)`, at your own risk.
 */

/** Operators with a leading underscore that training needs. */
const underscored = [
  /^_foreach_(?!copy$)/,
  /^_fused_(adagrad|adam|adamw|sgd)_?$/,
  /^_amp_(foreach_non_finite_check_and_unscale|update_scale)_$/,
  /^_scaled_dot_product_(flash_attention_for_cpu|attention_math|flash_attention|efficient_attention)$/,
  /^_fake_quantize_learnable_per_(tensor|channel)_affine$/,
  /^_(int_mm|weight_int8pack_mm|weight_int4pack_mm_for_cpu|convert_weight_to_int4pack_for_cpu|scaled_mm)$/,
  /^_(unique2|softmax|log_softmax|safe_softmax|adaptive_avg_pool2d)$/,
  /^_upsample_(bicubic2d_aa|bilinear2d_aa|nearest_exact[123]d)$/,
]

/** Public by name, but plumbing, or meant for one vendor's kernels, or better served by something hand-written. */
const hidden = [
  /_backward(_|$)|_backward_?data$|_jvp$|_overrideable$|_forward$|_helper$/,
  /^(cudnn|miopen|mkldnn|mps|fbgemm|quantized|native|sym|sparse_resize|batch_norm_|lstm_mps|lift)(_|$|[a-z])/,
  /^(slow_conv|thnn_conv|conv_depthwise|to_mkldnn)/,
  /^(?!index_copy|copy).*_copy$/,
  /^(align_as|align_tensors|align_to|refine_names|rename_?)$/,
  /^(data|set_data|set_?|is_leaf|output_nr|retain_grad|retains_grad|requires_grad_|record_stream)$/,
  /^(size|stride|item|is_vulkan_available|is_distributed|infinitely_differentiable_gelu)$/,
  /^(flatten_dense_tensors|unflatten_dense_tensors|nested_to_padded_tensor|to_padded_tensor)$/,
  /^(copy|copy_sparse_to_sparse_?|resize_as_sparse_?|random|zero|fill|uniform|cauchy|geometric|log_normal)$/,
  /^(nll_loss2d|norm_except_dim|normal_functional|rrelu_with_noise.*|slice_inverse|numpy_T|from_file|pin_memory)$/,
  // Pivots, offsets, the ranges of a quantiser and the shapes of recurrent weights are trusted: wrong ones crash.
  /^(lu_unpack|lu_solve|linalg_lu_solve|linalg_ldl_solve|choose_qparams_optimized|embedding_bag)$/,
  /^(lstm|gru|rnn_tanh|rnn_relu)(_cell)?$/,
  /^(log_sigmoid_forward|grid_sampler_[23]d|cummaxmin|empty_quantized|segment_reduce|hspmm|sspaddmm|smm)$/,
]

export function isPublic(name: string): boolean {
  if (name.startsWith('_')) return underscored.some((pattern) => pattern.test(name))
  return !hidden.some((pattern) => pattern.test(name))
}
