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
  'What the run is called: letters, digits, dots, dashes and underscores.':
    '任务的名称：字母、数字、点、短横线和下划线。',
  'the recipe’s': '同配方',
  'Run:': '任务：',
  'Holds checkpoints and metrics; a run that is started again in its folder goes on.':
    '存放检查点和指标；在其目录中重新启动的任务会继续。',
  'Decides fresh weights and the order of data in memory.': '决定初始权重，以及内存中数据的顺序。',
  'bf16 computes with bf16 copies of fp32 weights: less memory, and faster where the processor has it. fp16 likewise, with a loss scale; fp8 is bf16 whose linear layers multiply 8-bit floats. Another than the recipe’s leaves out what it says of a loss scale and fp8.':
    'bf16 用 fp32 权重的 bf16 副本计算：内存更少，处理器支持时更快。fp16 类似，另有损失缩放；fp8 是线性层以 8 位浮点数相乘的 bf16。与配方不同时，配方中关于损失缩放和 fp8 的设置不起作用。',
  'CPU threads that compute. To resume to the bit it must stay the same.':
    '用于计算的 CPU 线程数。要逐位一致地继续任务，它必须保持不变。',
  'libtorch’s choice': '由 libtorch 选择',
  'Windows (pairs, texts, images) in one pass forward and back: what must fit in memory at once.':
    '一次前向和反向中的窗口数（对、文本、图像）：必须能同时放进内存。',
  'Passes whose gradients make one step, as if they were one batch. Not of contrastive, which compares the rows of one pass.':
    '累积多少次的梯度作为一步，如同一个批次。不适用于 contrastive，它在一次中比较各行。',
  'Of contrastive: towers read so many rows of a batch at once, and again on the way back, with the gradients of the whole batch.':
    '用于 contrastive：塔一次读取批次中的多少行，反向时重新读取，梯度是整个批次的。',
  'the whole batch': '整个批次',
  'Of so many layers after each other only what goes in is kept; the rest is computed again on the way back. Instead of a recipe’s checkpointing.memoryTarget.':
    '连续这么多层只保留输入；其余在反向时重新计算。代替配方的 checkpointing.memoryTarget。',
  'everything is kept': '全部保留',
  'The most that libtorch shall hold: what is cheapest to compute again is, as little of it as fits. Instead of a recipe’s checkpointing.every, and not beside it.':
    'libtorch 最多占用的内存：重新计算代价最小的部分，只算到放得下为止。代替配方的 checkpointing.every，不能与它并用。',
  'Tokens whose logits exist together, when the loss is one of tokens; 0 for all of a pass.':
    '损失针对 token 时，同时存在 logits 的 token 数；0 表示一次中的全部。',
  'those of about 32 MiB of logits': '约 32 MiB logits 对应的数量',
  'Largest global gradient norm; longer gradients are shortened to it.':
    '全局梯度范数的上限；更长的梯度会被缩短。',
  'What is added to each expert’s correction after a step, against uneven load; 0 leaves them alone. Only of mixtures of experts.':
    '每步之后加到各专家校正量上的值，用于平衡负载；0 表示不调整。只用于混合专家。',
  'Keeps a moving average of the weights, of which a step keeps this share: then the average is evaluated and exported.':
    '保留权重的滑动平均，每步保留这个比例：之后评估和导出的是平均权重。',
  'How often the held-out loss is measured; always after the last step.':
    '多久测量一次验证损失；最后一步之后总会测量。',
  'Evaluation:': '评估：',
  'Ends the run after so many evaluations in a row without a lower held-out loss.':
    '连续这么多次评估没有更低的验证损失就结束任务。',
  'How much lower it must be to count, in nats.': '至少降低多少才算数，单位 nat。',
  'How often a checkpoint is written; always at the end.': '多久写一次检查点；结束时总会写。',
  'Checkpoints:': '检查点：',
  'How many of the newest are kept.': '保留最新的多少个。',
  'How many of the lowest held-out loss are kept beside them.': '另外保留验证损失最低的多少个。',
  'Of fp32: norms and gates of language models by fused operators, compiled once by the C++ compiler of this machine. Faster, and rounded otherwise than libtorch’s, so losses are no longer PyTorch’s to the bit. Without a compiler the run does not start.':
    '用于 fp32：语言模型的归一化和门控使用融合算子，由本机的 C++ 编译器编译一次。更快，舍入与 libtorch 不同，因此损失不再与 PyTorch 逐位一致。没有编译器时任务不会启动。',
  'Precision:': '精度：',
  'Of fp16: what the loss is multiplied by at first, so that small gradients do not become zero.':
    '用于 fp16：损失起初乘以多少，使小梯度不会变成零。',
  'Of fp16: what the scale is multiplied by after an interval without overflow.':
    '用于 fp16：一段时间没有溢出后，缩放乘以多少。',
  'Of fp16: what the scale is multiplied by after a step whose gradients overflowed; its update is skipped.':
    '用于 fp16：某步梯度溢出后缩放乘以多少；该步的更新会跳过。',
  'Of fp16: steps in a row without overflow after which the scale grows.':
    '用于 fp16：连续多少步没有溢出后增大缩放。',
  'Of fp16: an overflow with a scale below it is trouble for the guard, no matter of the scale any more.':
    '用于 fp16：缩放低于该值时的溢出交给发散保护处理，不再视为缩放问题。',
  'Of fp8: the largest magnitude of so many steps decides how a tensor is scaled before it is rounded.':
    '用于 fp8：由最近这么多步的最大幅值决定张量舍入之前如何缩放。',
  'Of fp8: leaves so many powers of two free above the largest magnitude.':
    '用于 fp8：在最大幅值之上留出多少个 2 的幂。',
  'How the learning rate falls after its warm-up. Another kind than the recipe’s takes over peak, steps and floor, and nothing else.':
    '预热之后学习率如何下降。与配方种类不同时，只沿用 peak、steps 和 floor。',
  'Schedule:': '学习率调度：',
  'The highest learning rate.': '最高学习率。',
  'Steps in which the rate rises to its peak.': '学习率升到峰值所用的步数。',
  'Steps of the whole run. A schedule that falls until its end is another one when that changes, so a run in its folder then does not go on.':
    '整个任务的步数。一直下降到结束的调度会随之改变，那时目录中的任务无法继续。',
  'Where the rate ends, as a share of the peak. Not of inverse-sqrt.':
    '学习率的终值，占峰值的比例。不适用于 inverse-sqrt。',
  'Of wsd: the last steps, in which the rate falls.': '用于 wsd：学习率下降的最后若干步。',
  'Of wsd: how it falls; 1-sqrt is faster at first.': '用于 wsd：如何下降；1-sqrt 起初更快。',
  'Of inverse-sqrt: three times so many steps after the warm-up the rate is half the peak.':
    '用于 inverse-sqrt：预热后三倍于该步数时，学习率为峰值的一半。',
  'the steps of the warm-up': '预热的步数',
  'What turns gradients into updates. Another kind than the recipe’s begins with its own usual numbers.':
    '如何由梯度得到更新。与配方种类不同时，从自己的常用数值开始。',
  'Optimizer:': '优化器：',
  'Decoupled weight decay, of matrices alone.': '解耦权重衰减，只用于矩阵。',
  'its kind’s': '该种类的默认值',
  'Of adamw, adamw-8bit and lion: how much of the mean of gradients is kept, or goes into an update.':
    '用于 adamw、adamw-8bit 和 lion：梯度均值保留多少，或有多少进入更新。',
  'Of adamw and adamw-8bit how much of the mean of squares is kept, of lion how much of the momentum.':
    '用于 adamw 和 adamw-8bit：平方均值保留多少；用于 lion：动量保留多少。',
  'Of adamw, adamw-8bit and adafactor: keeps the divisor from 0.':
    '用于 adamw、adamw-8bit 和 adafactor：避免除数为 0。',
  'Of sgd and muon: how much of the direction is kept; 0 remembers nothing.':
    '用于 sgd 和 muon：方向保留多少；0 表示不保留。',
  'Of sgd and muon: looks ahead along the momentum.': '用于 sgd 和 muon：沿动量向前看。',
  'Of muon: rounds of the Newton-Schulz iteration.': '用于 muon：Newton-Schulz 迭代的轮数。',
  'Of adamw-8bit: tensors of fewer values keep fp32 moments.':
    '用于 adamw-8bit：元素少于该值的张量保留 fp32 矩。',
  'Of adafactor: moments of step t are kept with 1 - t to this power.':
    '用于 adafactor：第 t 步的矩以 1 - t 的该次幂保留。',
  'Of adafactor: largest root mean square of an update before the rate.':
    '用于 adafactor：乘学习率之前更新的最大均方根。',
  'Of adafactor: steps in proportion to the size of the weights.': '用于 adafactor：步长与权重大小成比例。',
  'Of adafactor: least size of weights that steps are in proportion to.':
    '用于 adafactor：步长所参照的权重大小的下限。',
  'The part of the probability that goes to all tokens or classes alike; of dpo the part of pairs taken to be the wrong way round.':
    '均分给所有 token 或类别的概率；用于 dpo 时是视为顺序颠倒的配对所占比例。',
  'Objective:': '训练目标：',
  'Of tokens: weight of log² of the softmax’s sum, against drifting logits; PaLM has 1e-4.':
    '用于 token：softmax 总和 log² 的权重，防止 logits 漂移；PaLM 用 1e-4。',
  'Of dpo and ipo: how dear it is to leave the weights of the start.':
    '用于 dpo 和 ipo：偏离初始权重的代价。',
  'Of contrastive: what finding the image of a text counts.': '用于 contrastive：由文本找图像的权重。',
  'Of contrastive: what finding the text of an image counts.': '用于 contrastive：由图像找文本的权重。',
  'Of contrastive: different captions that a batch has of each image, or as many as there are.':
    '用于 contrastive：批次中每张图像的不同图注数，以现有数量为限。',
  'Of contrastive: similarities are multiplied with no more than this, which is at most 100.':
    '用于 contrastive：相似度最多乘以该值，最大为 100。',
  'A gradient norm above it, before clipping, is trouble once it lasts.':
    '裁剪前的梯度范数高于该值并持续，即视为异常。',
  'Guard:': '发散保护：',
  'How many steps in a row it has to last.': '必须连续持续多少步。',
  'What the learning rate is multiplied by when the run goes back.': '任务回退时学习率乘以多少。',
  'Good steps in which the rate rises again.': '学习率回升所用的正常步数。',
  'Whether the batches since the last good state are left out or read again.':
    '最后正常状态之后的批次是略过还是重新读取。',
  'How often a state to go back to is kept.': '多久保存一次可供回退的状态。',
  'The run ends at the trouble after so many; 0 ends it at the first.':
    '这么多次之后再遇到异常就结束任务；0 表示第一次就结束。',
  'Layers learn at rates of their own: this is that of the first and of embeddings when the schedule is at its peak. Any setting of rates asks for them. Instead of a recipe’s rates.decay.':
    '各层使用各自的学习率：这是调度处于峰值时第一层和嵌入的学习率。设置任何 rates 都会启用。代替配方的 rates.decay。',
  'one rate for all; a tenth of the peak with rates': '所有层相同；使用 rates 时为峰值的十分之一',
  'The rate of the last layer, the final norm and heads: the schedule’s peak, and no other.':
    '最后一层、最终归一化和输出头的学习率：即调度的峰值。',
  'the peak': '峰值',
  'Whether rates rise from layer to layer by equal sums or by equal factors.':
    '学习率逐层以相等的差还是相等的倍数上升。',
  'linear with rates': '使用 rates 时为 linear',
  'Instead of rates.bottom and rates.shape: a layer learns at this share of the rate of the one above.':
    '代替 rates.bottom 和 rates.shape：每层的学习率是上一层的这个比例。',
  'Of a model with two towers: the rate of its text tower when the schedule is at its peak.':
    '用于双塔模型：调度处于峰值时文本塔的学习率。',
  'Of a model with two towers: the rate of its image tower when the schedule is at its peak.':
    '用于双塔模型：调度处于峰值时图像塔的学习率。',
  'Trains adapters of this rank beside frozen weights: as any setting of them, it makes a run one of adapters (LoRA).':
    '在冻结的权重旁训练该秩的适配器：设置其中任何一项都会使任务成为适配器训练（LoRA）。',
  'none; 16 with adapters': '无；使用适配器时为 16',
  'Adapters:': '适配器：',
  'What an adapter adds is multiplied by this and divided by its rank.': '适配器的增量乘以该值再除以秩。',
  '32 with adapters': '使用适配器时为 32',
  'Divides by the root of the rank instead.': '改为除以秩的平方根。',
  'Linear modules that get an adapter, by the ends of their names: q_proj, layers.0.mlp.up_proj; * stands for any characters but a dot.':
    '哪些线性模块得到适配器，按名称结尾：q_proj、layers.0.mlp.up_proj；* 代表除点以外的任意字符。',
  'all of attention and feed-forward': '注意力和前馈的全部',
  'The share of what an adapter reads that is zero in each step of training.':
    '训练每步中适配器输入置零的比例。',
  'Trains the length of each row of a weight apart from its direction (DoRA).':
    '把权重各行的长度与方向分开训练（DoRA）。',
  'nf4 keeps the frozen weights of linear modules, but for the head, in 4 bits (QLoRA): least memory, some time.':
    'nf4 以 4 位保存线性模块（输出头除外）的冻结权重（QLoRA）：内存最少，多用一些时间。',
  'Keeps the scales of nf4 in 8 bits: 4.13 bits a weight instead of 4.5.':
    '以 8 位保存 nf4 的缩放：每个权重 4.13 位而不是 4.5 位。',
  'The most that tensors may take together; a pass that does not fit is read in parts, with the same gradients.':
    '张量合计最多占用的内存；放不下的一次计算会分批读取，梯度相同。',
  'what the machine has': '取自机器',
  'Gives the system back what the allocator holds free, every so many steps.':
    '每隔多少步把分配器闲置的内存还给系统。',
  'The same after a step that leaves more than this share of what the allocator holds free.':
    '同上，在分配器闲置比例超过该值的步之后进行。',
  'Parts that each batch is divided into. Data, times tensor, is the number of ranks.':
    '每个批次分成几份。data 乘以 tensor 等于 rank 数。',
  'all ranks, divided by tensor': '全部 rank 除以 tensor',
  'Parallel:': '并行：',
  'Parts that each layer is divided into.': '每一层分成几份。',
  'Parts that the experts of a mixture are divided into, among the ranks that divide the batch.':
    '混合专家的专家在划分批次的 rank 之间分成几份。',
  'With parallel.tensor: divides what lies between the divided layers, too, along the sequence.':
    '与 parallel.tensor 一起：划分层之间的部分也沿序列划分。',
  'What the ranks that divide the batch keep a part of alone: 1 the state of the optimizer, 2 gradients, too, 3 weights, too; 0 nothing.':
    '划分批次的 rank 各自只保留一部分的内容：1 为优化器状态，2 还有梯度，3 还有权重；0 为都不。',
  'Gradients are summed over the ranks in parts of this size, while the rest of them is computed.':
    '梯度以该大小分块在 rank 之间求和，同时计算其余部分。',
  'How long a rank is waited for before it is taken to hang. It must be longer than a step, an evaluation and writing a checkpoint.':
    '等待一个 rank 多久之后视为挂起。必须长于一步、一次评估和写一次检查点。',
  'Trains privately (DP-SGD), and never past this budget: as any setting of privacy, it makes a run a private one. Where no noise is said, it is as much as the steps of the run need.':
    '隐私训练（DP-SGD），从不超出此预算：设置任何 privacy 项都会使任务成为隐私训练。没有指定噪声时，按任务步数所需取值。',
  'no budget; with privacy this or a noise must be said': '没有预算；使用 privacy 时必须给出它或噪声',
  'Privacy:': '隐私：',
  'The probability with which the promise may fail. At 1 / rows or above it a run warns.':
    '承诺可能失效的概率。达到或超过 1 / 行数时任务会警告。',
  'Standard deviation of the noise on the sum of gradients, in units of privacy.clipNorm; with a budget the run refuses to start where it pays for fewer steps.':
    '梯度之和上噪声的标准差，以 privacy.clipNorm 为单位；有预算时，若不足以支付全部步数则任务拒绝启动。',
  'what the budget asks for': '预算所需的值',
  'The most that one row adds to the sum of gradients. Takes the place of the run’s clipNorm.':
    '一行最多对梯度之和贡献多少。代替任务的 clipNorm。',
  'flat shortens gradients of rows that are longer, per-layer each layer’s by itself, automatic gives all of them the same length.':
    'flat 缩短过长的行梯度，per-layer 逐层分别缩短，automatic 使所有行梯度长度相同。',
  'How gradients of rows are clipped: book-keeping goes back once and keeps what layers read, ghost goes back twice and keeps nothing, exact takes row by row, slowly, for any layer.':
    '如何裁剪行梯度：book-keeping 反向一次并保留各层的输入，ghost 反向两次、什么都不保留，exact 逐行进行，较慢，适用于任何层。',
  'ghost where layers are computed again, else book-keeping': '重新计算各层时为 ghost，否则为 book-keeping',
  'How epsilon is counted: prv the tightest bound, rdp a looser one that is quick, gdp an approximation and no bound.':
    '如何核算 epsilon：prv 上界最紧，rdp 较松但快，gdp 是近似而非上界。',
  'Draws rows and noise from a generator of cryptography, keyed by the system. false draws them from the seed: a run that resumes is then the same to the bit, and who knows the seed can take the noise away.':
    '用密码学生成器抽取行和噪声，密钥来自系统。false 则由随机种子抽取：继续的任务逐位一致，但知道种子的人可以去掉噪声。',
  'Trains with GroupNorm in place of BatchNorm, which mixes rows and is refused.':
    '以 GroupNorm 代替 BatchNorm 训练；后者混合各行，会被拒绝。',
  'Records so many steps, and leaves in the folder of the run where their time and memory went (hadal profile). --profile alone is the usual number.':
    '记录这么多步，在任务目录中留下时间和内存的去向（hadal profile）。只写 --profile 则用常用数量。',
  'none; 3 with a profile': '无；剖析时为 3',
  'Steps that pass before, so that everything is warm.': '之前跳过的步数，使一切预热完毕。',
  '3 with a profile': '剖析时为 3',
  'Records every allocation as well: who held what at the peak.': '同时记录每次分配：峰值时谁占用了什么。',
  'true with a profile': '剖析时为 true',
  'Trains for weights of this type: as any setting of quantisation, it makes a run one that ends on the grid it will be served on. int8 is for each output of a layer, int4 for groups along its inputs; q8_0, q4_0 and q4_k are what GGUF files of decoders hold.':
    '针对该类型的权重训练：设置任何量化项都会使任务以提供时所用的网格结束。int8 按层的每个输出，int4 按输入分组；q8_0、q4_0 和 q4_k 是解码器 GGUF 文件所用的类型。',
  'int8 for models of images, q8_0 for decoders': '图像模型为 int8，解码器为 q8_0',
  'Quantization:': '量化：',
  'Of int4: weights in a row that share a scale.': '用于 int4：一行中共享一个缩放的权重数。',
  'int8 quantises what layers read, too: by ranges that observers saw in models of images, each 32 numbers by their own largest in decoders, as llama.cpp does.':
    'int8 也量化各层的输入：图像模型用观测器所见的范围，解码器每 32 个数用各自的最大值，与 llama.cpp 相同。',
  'int8 for models of images, none for decoders': '图像模型为 int8，解码器为无',
  'How ranges of activations are found in models of images: all that was seen, a moving average of it, or the range that a histogram says loses least.':
    '图像模型如何确定激活的范围：所见的全部、其滑动平均，或直方图认为损失最小的范围。',
  'Of the observer moving-average: how much of its range each pass decides.':
    '用于观测器 moving-average：每次前向决定范围的比例。',
  'What the steps between those in fp32 and the quantised ones compute in. fp16 has a loss scale.':
    'fp32 步与量化步之间的步用什么计算。fp16 带损失缩放。',
  'The first so many compute in fp32.': '最初这么多步用 fp32 计算。',
  '40 % of the steps; 10 % of those of a run that starts from weights':
    '步数的 40 %；从已有权重开始的任务为 10 %',
  'The next so many compute in quantization.half; those after them with quantised weights.':
    '接下来这么多步用 quantization.half 计算；之后使用量化权重。',
  '20 % of the steps; 10 % of those of a run that starts from weights, none beside adapters':
    '步数的 20 %；从已有权重开始的任务为 10 %，带适配器时为无',
  'Observers begin so many before the first quantised one.': '观测器在第一个量化步之前多少步开始。',
  '5 % of the steps': '步数的 5 %',
  'After so many of the run, ranges of weights and activations stay what they are.':
    '任务的这么多步之后，权重和激活的范围不再改变。',
  'after three quarters of the quantised ones': '量化步的四分之三之后',
  'After so many of the run, batch norms normalise by their running statistics, which stay what they are.':
    '任务的这么多步之后，批归一化使用不再改变的滑动统计量。',
  'Layers that stay as they are, by name; * stands for any characters.':
    '保持原样的层，按名称；* 代表任意字符。',
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
