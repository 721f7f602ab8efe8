/** Help in Chinese: of train, which has the settings of a run, and of profile. */

import type { Texts } from '../../words.ts'

export const trainHelp: Texts = {
  'Run a training recipe.': '运行训练配方。',
  'a TypeScript or JavaScript file, or a folder with a train.ts or run.ts':
    'TypeScript 或 JavaScript 文件，或含有 train.ts 或 run.ts 的目录',
  'arguments for a standalone recipe, or for any recipe after --':
    '传给自行训练的配方；任何配方都可写在 -- 之后',
  'show the resources the run needs, without training': '说明任务会占用什么，不训练',
  'Options:': '选项：',
  'show the memory the run needs, savings per technique, and the privacy budget spent':
    '说明任务占用的内存、各种节省办法能省多少，以及隐私训练的花费',
  'with --plan: available memory, such as 16GiB; default: detected':
    '与 --plan 一起：可用内存，如 16GiB；否则用这里查到的',
  'with --plan: print JSON': '与 --plan 一起：以 JSON 打印',
  'number of processes on this machine': '本机上共同运行它的进程数',
  'restarts from the last checkpoint after a failure': '有进程失败时，全部从最后一个检查点重新启动的次数',
  'profile steps: time and memory (hadal profile RUN shows the result)':
    '记录几步：时间和内存用在哪里（用 hadal profile RUN 查看）',
  'run under Nsight Systems and report its results': '在 Nsight Systems 下运行，并说明它看到设备做了什么',
  'also log to a Weights & Biases project': '同时记录到 Weights & Biases 的项目',
  'port for GET /metrics (Prometheus), served by rank 0': '由 rank 0 在该端口为 Prometheus 提供 GET /metrics',
  'with --metrics-port: address to listen on': '与 --metrics-port 一起：监听的地址',
  'Run name: letters, digits, dots, dashes and underscores.': '任务的名称：字母、数字、点、短横线和下划线。',
  'the recipe’s': '同配方',
  'Run:': '任务：',
  'Folder for checkpoints and metrics. Restarting a run in its folder resumes it.':
    '存放检查点和指标；在其目录中重新启动的任务会继续。',
  'Random seed for initial weights and data order.': '决定初始权重，以及内存中数据的顺序。',
  'Compute precision. bf16 uses bf16 copies of fp32 weights: less memory, and faster if the hardware supports it. fp16 also needs a loss scale; fp8 is bf16 with 8-bit matrix multiplications in linear layers. Changing it discards the recipe’s loss scale and fp8 settings.':
    'bf16 用 fp32 权重的 bf16 副本计算：内存更少，处理器支持时更快。fp16 类似，另有损失缩放；fp8 是线性层以 8 位浮点数相乘的 bf16。与配方不同时，配方中关于损失缩放和 fp8 的设置不起作用。',
  'Number of CPU compute threads. Must stay the same for bit-exact resumption.':
    '用于计算的 CPU 线程数。要逐位一致地继续任务，它必须保持不变。',
  'chosen by libtorch': '由 libtorch 选择',
  'Micro-batch size: windows (pairs, texts, images) per forward and backward pass. Must fit in memory.':
    '一次前向和反向中的窗口数（对、文本、图像）：必须能同时放进内存。',
  'Gradient accumulation: passes per optimizer step. Not for contrastive, which compares the rows of a pass.':
    '累积多少次的梯度作为一步，如同一个批次。不适用于 contrastive，它在一次中比较各行。',
  'For contrastive: rows per encoder pass, recomputed in the backward pass, with the gradients of the whole batch.':
    '用于 contrastive：塔一次读取批次中的多少行，反向时重新读取，梯度是整个批次的。',
  'the whole batch': '整个批次',
  'Activation checkpointing: keep only the input of every N layers and recompute the rest in the backward pass. Replaces a recipe’s checkpointing.memoryTarget.':
    '连续这么多层只保留输入；其余在反向时重新计算。代替配方的 checkpointing.memoryTarget。',
  'no checkpointing': '全部保留',
  'Maximum libtorch memory: activations that are cheapest to recompute are dropped, as few as necessary. Replaces a recipe’s checkpointing.every.':
    'libtorch 最多占用的内存：重新计算代价最小的部分，只算到放得下为止。代替配方的 checkpointing.every，不能与它并用。',
  'Tokens whose logits are computed at once, for token losses; 0 for the whole pass.':
    '损失针对 token 时，同时存在 logits 的 token 数；0 表示一次中的全部。',
  'about 32 MiB of logits': '约 32 MiB logits 对应的数量',
  'Maximum global gradient norm; larger gradients are clipped to it.':
    '全局梯度范数的上限；更长的梯度会被缩短。',
  'Update rate of each expert’s load-balancing bias per step; 0 disables it. Only for mixtures of experts.':
    '每步之后加到各专家校正量上的值，用于平衡负载；0 表示不调整。只用于混合专家。',
  'Decay of the moving average of the weights (EMA). The average is evaluated and exported.':
    '保留权重的滑动平均，每步保留这个比例：之后评估和导出的是平均权重。',
  'Interval of held-out evaluation; also after the last step.':
    '多久测量一次验证损失；最后一步之后总会测量。',
  'Evaluation:': '评估：',
  'Early stopping: end after this many consecutive evaluations without improvement.':
    '连续这么多次评估没有更低的验证损失就结束任务。',
  'Minimum improvement that counts, in nats.': '至少降低多少才算数，单位 nat。',
  'Checkpoint interval; one is always written at the end.': '多久写一次检查点；结束时总会写。',
  'Checkpoints:': '检查点：',
  'Number of latest checkpoints to keep.': '保留最新的多少个。',
  'Number of best checkpoints (lowest held-out loss) to keep in addition.': '另外保留验证损失最低的多少个。',
  'For fp32: use fused operators for norms and gates of language models, compiled once with the local C++ compiler. Faster, but rounding differs, so losses no longer match PyTorch bit for bit. Requires a compiler.':
    '用于 fp32：语言模型的归一化和门控使用融合算子，由本机的 C++ 编译器编译一次。更快，舍入与 libtorch 不同，因此损失不再与 PyTorch 逐位一致。没有编译器时任务不会启动。',
  'Precision:': '精度：',
  'For fp16: initial loss scale, to keep small gradients from underflowing.':
    '用于 fp16：损失起初乘以多少，使小梯度不会变成零。',
  'For fp16: scale multiplier after an interval without overflow.':
    '用于 fp16：一段时间没有溢出后，缩放乘以多少。',
  'For fp16: scale multiplier after a step with overflowing gradients. Its update is skipped.':
    '用于 fp16：某步梯度溢出后缩放乘以多少；该步的更新会跳过。',
  'For fp16: consecutive steps without overflow before the scale grows.':
    '用于 fp16：连续多少步没有溢出后增大缩放。',
  'For fp16: minimum scale. An overflow below it triggers the guard.':
    '用于 fp16：缩放低于该值时的溢出交给发散保护处理，不再视为缩放问题。',
  'For fp8: number of steps whose maximum magnitude determines a tensor’s scale.':
    '用于 fp8：由最近这么多步的最大幅值决定张量舍入之前如何缩放。',
  'For fp8: headroom above the maximum magnitude, in powers of two.':
    '用于 fp8：在最大幅值之上留出多少个 2 的幂。',
  'Decay of the learning rate after warm-up. Changing the recipe’s kind keeps only peak, steps and floor.':
    '预热之后学习率如何下降。与配方种类不同时，只沿用 peak、steps 和 floor。',
  'Schedule:': '学习率调度：',
  'Peak learning rate.': '最高学习率。',
  'Warm-up steps.': '学习率升到峰值所用的步数。',
  'Total number of steps. Changing it changes a schedule that decays to the end, so an existing run cannot be resumed.':
    '整个任务的步数。一直下降到结束的调度会随之改变，那时目录中的任务无法继续。',
  'Final rate as a share of the peak. Not for inverse-sqrt.':
    '学习率的终值，占峰值的比例。不适用于 inverse-sqrt。',
  'For wsd: number of final decay steps.': '用于 wsd：学习率下降的最后若干步。',
  'For wsd: decay shape; 1-sqrt falls faster at first.': '用于 wsd：如何下降；1-sqrt 起初更快。',
  'For inverse-sqrt: time scale. The rate is half the peak after three times this many steps.':
    '用于 inverse-sqrt：预热后三倍于该步数时，学习率为峰值的一半。',
  'the warm-up steps': '预热的步数',
  'Optimizer. Changing the recipe’s kind resets its parameters to their defaults.':
    '如何由梯度得到更新。与配方种类不同时，从自己的常用数值开始。',
  'Optimizer:': '优化器：',
  'Decoupled weight decay, for matrices only.': '解耦权重衰减，只用于矩阵。',
  'depends on the optimizer': '该种类的默认值',
  'For adamw, adamw-8bit and lion: decay of the first moment, or its share in an update.':
    '用于 adamw、adamw-8bit 和 lion：梯度均值保留多少，或有多少进入更新。',
  'For adamw and adamw-8bit: decay of the second moment; for lion: decay of the momentum.':
    '用于 adamw 和 adamw-8bit：平方均值保留多少；用于 lion：动量保留多少。',
  'For adamw, adamw-8bit and adafactor: epsilon of the denominator.':
    '用于 adamw、adamw-8bit 和 adafactor：避免除数为 0。',
  'For sgd and muon: momentum; 0 disables it.': '用于 sgd 和 muon：方向保留多少；0 表示不保留。',
  'For sgd and muon: use Nesterov momentum.': '用于 sgd 和 muon：沿动量向前看。',
  'For muon: number of Newton-Schulz iterations.': '用于 muon：Newton-Schulz 迭代的轮数。',
  'For adamw-8bit: tensors with fewer values keep fp32 moments.':
    '用于 adamw-8bit：元素少于该值的张量保留 fp32 矩。',
  'For adafactor: the moment decay at step t is 1 - t to this power.':
    '用于 adafactor：第 t 步的矩以 1 - t 的该次幂保留。',
  'For adafactor: maximum root mean square of an update before the rate.':
    '用于 adafactor：乘学习率之前更新的最大均方根。',
  'For adafactor: scale steps by the magnitude of the weights.': '用于 adafactor：步长与权重大小成比例。',
  'For adafactor: minimum weight magnitude used for scaling steps.':
    '用于 adafactor：步长所参照的权重大小的下限。',
  'Label smoothing: probability spread evenly over all tokens or classes; for dpo, the share of pairs assumed to be swapped.':
    '均分给所有 token 或类别的概率；用于 dpo 时是视为顺序颠倒的配对所占比例。',
  'Objective:': '训练目标：',
  'For token losses: weight of the z-loss (log² of the softmax sum) against drifting logits; PaLM uses 1e-4.':
    '用于 token：softmax 总和 log² 的权重，防止 logits 漂移；PaLM 用 1e-4。',
  'For dpo and ipo: strength of the penalty for diverging from the initial weights.':
    '用于 dpo 和 ipo：偏离初始权重的代价。',
  'For contrastive: weight of the text-to-image loss.': '用于 contrastive：由文本找图像的权重。',
  'For contrastive: weight of the image-to-text loss.': '用于 contrastive：由图像找文本的权重。',
  'For contrastive: different captions per image in a batch, limited by those available.':
    '用于 contrastive：批次中每张图像的不同图注数，以现有数量为限。',
  'For contrastive: maximum multiplier of similarities, at most 100.':
    '用于 contrastive：相似度最多乘以该值，最大为 100。',
  'Gradient norm before clipping that triggers the guard if it persists.':
    '裁剪前的梯度范数高于该值并持续，即视为异常。',
  'Guard:': '发散保护：',
  'Consecutive steps before the guard triggers.': '必须连续持续多少步。',
  'Learning-rate multiplier after a rollback.': '任务回退时学习率乘以多少。',
  'Good steps until the rate is restored.': '学习率回升所用的正常步数。',
  'Whether to skip or replay the batches since the last good state.':
    '最后正常状态之后的批次是略过还是重新读取。',
  'Interval of rollback snapshots.': '多久保存一次可供回退的状态。',
  'Maximum number of rollbacks before the run ends; 0 ends it at the first problem.':
    '这么多次之后再遇到异常就结束任务；0 表示第一次就结束。',
  'Layer-wise learning rates: peak rate of the first layer and embeddings. Any rates setting enables them. Replaces a recipe’s rates.decay.':
    '各层使用各自的学习率：这是调度处于峰值时第一层和嵌入的学习率。设置任何 rates 都会启用。代替配方的 rates.decay。',
  'one rate for all; with rates, a tenth of the peak': '所有层相同；使用 rates 时为峰值的十分之一',
  'Peak rate of the last layer, the final norm and heads. Must equal the schedule’s peak.':
    '最后一层、最终归一化和输出头的学习率：即调度的峰值。',
  'the peak rate': '峰值',
  'Whether rates grow linearly or geometrically from layer to layer.':
    '学习率逐层以相等的差还是相等的倍数上升。',
  'linear with rates': '使用 rates 时为 linear',
  'Rate of each layer as a share of the layer above. Replaces rates.bottom and rates.shape.':
    '代替 rates.bottom 和 rates.shape：每层的学习率是上一层的这个比例。',
  'For dual encoders: peak rate of the text encoder.': '用于双塔模型：调度处于峰值时文本塔的学习率。',
  'For dual encoders: peak rate of the image encoder.': '用于双塔模型：调度处于峰值时图像塔的学习率。',
  'LoRA rank. Any adapter setting trains adapters with frozen base weights.':
    '在冻结的权重旁训练该秩的适配器：设置其中任何一项都会使任务成为适配器训练（LoRA）。',
  'none; 16 with adapters': '无；使用适配器时为 16',
  'Adapters:': '适配器：',
  'LoRA alpha: the adapter output is scaled by alpha / rank.': 'LoRA alpha：适配器的增量乘以该值再除以秩。',
  '32 with adapters': '使用适配器时为 32',
  'Scale by the square root of the rank instead (rsLoRA).': '改为除以秩的平方根（rsLoRA）。',
  'Linear modules with adapters, by name suffix: q_proj, layers.0.mlp.up_proj; * matches any characters except a dot.':
    '哪些线性模块得到适配器，按名称结尾：q_proj、layers.0.mlp.up_proj；* 代表除点以外的任意字符。',
  'all in attention and feed-forward layers': '注意力和前馈的全部',
  'Dropout of adapter inputs during training.': '训练每步中适配器输入置零的比例。',
  'Train the magnitude of each weight row separately from its direction (DoRA).':
    '把权重各行的长度与方向分开训练（DoRA）。',
  'nf4 stores the frozen linear weights, except the head, in 4 bits (QLoRA): least memory, slightly slower.':
    'nf4 以 4 位保存线性模块（输出头除外）的冻结权重（QLoRA）：内存最少，多用一些时间。',
  'Store the nf4 scales in 8 bits: 4.13 bits per weight instead of 4.5.':
    '以 8 位保存 nf4 的缩放：每个权重 4.13 位而不是 4.5 位。',
  'Memory limit for all tensors. A pass that does not fit is split, with the same gradients.':
    '张量合计最多占用的内存；放不下的一次计算会分批读取，梯度相同。',
  'the machine’s memory': '取自机器',
  'Release free allocator memory to the system every N steps.': '每隔多少步把分配器闲置的内存还给系统。',
  'Release it after a step that leaves more than this share of allocator memory free.':
    '同上，在分配器闲置比例超过该值的步之后进行。',
  'Data-parallel degree. Data times tensor equals the number of ranks.':
    '每个批次分成几份。data 乘以 tensor 等于 rank 数。',
  'all ranks divided by tensor': '全部 rank 除以 tensor',
  'Parallel:': '并行：',
  'Tensor-parallel degree.': '每一层分成几份。',
  'Expert-parallel degree, within the data-parallel ranks.': '混合专家的专家在划分批次的 rank 之间分成几份。',
  'With parallel.tensor: also shard activations between the layers along the sequence (sequence parallelism).':
    '与 parallel.tensor 一起：划分层之间的部分也沿序列划分。',
  'ZeRO stage, sharded over data-parallel ranks: 1 optimizer state, 2 also gradients, 3 also weights; 0 none.':
    'ZeRO 级别，即划分批次的 rank 各自只保留一部分的内容：1 为优化器状态，2 还有梯度，3 还有权重；0 为都不。',
  'Bucket size of the gradient all-reduce, which overlaps with the backward pass.':
    '梯度以该大小分块在 rank 之间求和，同时计算其余部分。',
  'Timeout after which a rank is considered hung. Must exceed the time of a step, an evaluation and a checkpoint.':
    '等待一个 rank 多久之后视为挂起。必须长于一步、一次评估和写一次检查点。',
  'Privacy budget for DP-SGD, never exceeded. Any privacy setting makes the run private. Without a noise multiplier, the noise is derived from the budget and the steps.':
    '隐私训练（DP-SGD），从不超出此预算：设置任何 privacy 项都会使任务成为隐私训练。没有指定噪声时，按任务步数所需取值。',
  'no budget; private runs require this or a noise multiplier': '没有预算；使用 privacy 时必须给出它或噪声',
  'Privacy:': '隐私：',
  'Probability that the privacy guarantee fails. Values of 1 / rows or above cause a warning.':
    '承诺可能失效的概率。达到或超过 1 / 行数时任务会警告。',
  'Standard deviation of the noise on the gradient sum, in units of privacy.clipNorm. A run does not start if its budget does not cover all steps.':
    '梯度之和上噪声的标准差，以 privacy.clipNorm 为单位；有预算时，若不足以支付全部步数则任务拒绝启动。',
  'derived from the budget': '由预算得出',
  'Maximum gradient norm of one row. Replaces the run’s clipNorm.':
    '一行最多对梯度之和贡献多少。代替任务的 clipNorm。',
  'flat clips the whole gradient of each row, per-layer each layer separately, automatic normalizes all of them to the same norm.':
    'flat 缩短过长的行梯度，per-layer 逐层分别缩短，automatic 使所有行梯度长度相同。',
  'Per-row clipping: book-keeping uses one backward pass and keeps layer inputs, ghost uses two and keeps nothing, exact goes row by row, slowly, for any layer.':
    '如何裁剪行梯度：book-keeping 反向一次并保留各层的输入，ghost 反向两次、什么都不保留，exact 逐行进行，较慢，适用于任何层。',
  'ghost with activation checkpointing, otherwise book-keeping':
    '重新计算各层时为 ghost，否则为 book-keeping',
  'Privacy accountant: prv is the tightest bound, rdp a looser and faster one, gdp an approximation without a guarantee.':
    '如何核算 epsilon：prv 上界最紧，rdp 较松但快，gdp 是近似而非上界。',
  'Draw rows and noise from a cryptographic generator keyed by the system. false uses the seed: resumption is then bit-exact, but anyone who knows the seed can remove the noise.':
    '用密码学生成器抽取行和噪声，密钥来自系统。false 则由随机种子抽取：继续的任务逐位一致，但知道种子的人可以去掉噪声。',
  'Replace BatchNorm, which mixes rows and is rejected, with GroupNorm.':
    '以 GroupNorm 代替 BatchNorm 训练；后者混合各行，会被拒绝。',
  'Number of steps to profile; results go to the run folder (hadal profile). --profile alone uses the default.':
    '记录这么多步，在任务目录中留下时间和内存的去向（hadal profile）。只写 --profile 则用常用数量。',
  'none; 3 with profiling': '无；剖析时为 3',
  'Warm-up steps before profiling.': '之前跳过的步数，使一切预热完毕。',
  '3 with profiling': '剖析时为 3',
  'Also record every allocation, to show memory use at the peak.': '同时记录每次分配：峰值时谁占用了什么。',
  'true with profiling': '剖析时为 true',
  'Weight type for quantization-aware training; any quantization setting enables it. int8 is per output channel, int4 per input group; q8_0, q4_0 and q4_k are the GGUF types for decoders.':
    '针对该类型的权重训练：设置任何量化项都会使任务以提供时所用的网格结束。int8 按层的每个输出，int4 按输入分组；q8_0、q4_0 和 q4_k 是解码器 GGUF 文件所用的类型。',
  'int8 for image models, q8_0 for decoders': '图像模型为 int8，解码器为 q8_0',
  'Quantization:': '量化：',
  'For int4: group size, the number of consecutive weights that share a scale.':
    '用于 int4：一行中共享一个缩放的权重数。',
  'int8 also quantizes activations: with observed ranges in image models, and with the maximum of each block of 32 in decoders, like llama.cpp.':
    'int8 也量化各层的输入：图像模型用观测器所见的范围，解码器每 32 个数用各自的最大值，与 llama.cpp 相同。',
  'int8 for image models, none for decoders': '图像模型为 int8，解码器为无',
  'Observer of activation ranges in image models: min/max, a moving average, or the range with the least error by a histogram.':
    '图像模型如何确定激活的范围：所见的全部、其滑动平均，或直方图认为损失最小的范围。',
  'For the moving-average observer: weight of each pass.':
    '用于观测器 moving-average：每次前向决定范围的比例。',
  'Precision of the steps between the fp32 and the quantized ones. fp16 uses a loss scale.':
    'fp32 步与量化步之间的步用什么计算。fp16 带损失缩放。',
  'Number of initial fp32 steps.': '最初这么多步用 fp32 计算。',
  '40 % of the steps; 10 % for a run that starts from weights': '步数的 40 %；从已有权重开始的任务为 10 %',
  'Number of following steps in quantization.half; later steps use quantized weights.':
    '接下来这么多步用 quantization.half 计算；之后使用量化权重。',
  '20 % of the steps; 10 % for a run that starts from weights, none with adapters':
    '步数的 20 %；从已有权重开始的任务为 10 %，带适配器时为无',
  'Steps before the first quantized one in which observers start.': '观测器在第一个量化步之前多少步开始。',
  '5 % of the steps': '步数的 5 %',
  'Step after which ranges of weights and activations are frozen.':
    '任务的这么多步之后，权重和激活的范围不再改变。',
  'after three quarters of the quantized steps': '量化步的四分之三之后',
  'Step after which batch norms use frozen running statistics.':
    '任务的这么多步之后，批归一化使用不再改变的滑动统计量。',
  'Names of layers to leave unquantized; * matches any characters.': '保持原样的层，按名称；* 代表任意字符。',
  'For recipes with a run as default export (docs/training.md). Others define their own.':
    '这些选项用于默认导出任务的配方：docs/training.md。其他配方自行决定接受什么。',
  'Train a few steps with and without interruptions, and compare the results bit by bit.':
    '先不受打扰地训练几步，再带中断重做，并逐位比较。',
  'a recipe with a run as default export': '默认导出任务的配方',
  'options of `hadal train`': '同 `hadal train`',
  'Show where a run or a server spends time and memory.': '显示任务或服务器的时间和内存用在哪里。',
  'folder of a run trained with --profile, a Chrome or PyTorch trace, an nsys report (.sqlite), or the URL of a server':
    '用 --profile 训练过的任务目录；Chrome 跟踪，包括 PyTorch 的；nsys 报告（.sqlite）；或服务器地址，由它记录自身',
  'with --nsys: its arguments': '与 --nsys 一起：命令的其余部分',
  'run a command under Nsight Systems and show the result: hadal profile --nsys -- COMMAND':
    '在 Nsight Systems 下运行命令，并显示它看到的内容：hadal profile --nsys -- COMMAND',
  'another run or trace to compare with': '另一个任务或跟踪：那里什么用时更长，什么更短',
  'number of operators to list': '列出的算子数',
  'rank whose profile is shown': '多 rank 任务中，看哪个 rank 的剖析',
  'output file for the HTML report': '页面写到哪里',
  'for a server or an nsys report: output file for the trace': '服务器或报告：跟踪写到哪里',
  'for a server: recording time': '服务器：记录多久',
  'for a server: admin key, sent as Authorization: Bearer':
    '服务器：管理员密钥，以 Authorization: Bearer 发送',
  'for a server: profile only this model': '服务器：只看此模型',
  '1 / (10 · rows)': '1 /（10 · 行数）',
}
