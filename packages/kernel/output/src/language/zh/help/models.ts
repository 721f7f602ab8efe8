/** Help in Chinese: of export, data, retrieve, classify and op. */

import type { Texts } from '../../words.ts'

export const modelsHelp: Texts = {
  'Export a trained model to a standard format and verify that its results are unchanged.':
    '把训练好的模型写成别的程序能运行的文件，并证明它仍是同一个模型。',
  'a model in Hugging Face layout, or a run folder that contains one':
    'Hugging Face 格式的模型，或含有它的任务目录',
  'output format; onnx is for image classifiers': '写成什么；onnx：图像分类模型',
  'gguf: F32, F16, BF16, Q8_0, Q4_K or Q4_0 (default: the type the run was trained for, otherwise Q8_0); safetensors: F32, F16 or BF16 (default: F32); adapter: F32, F16 or BF16 (default: F32, in safetensors unchanged)':
    'gguf：F32、F16、BF16、Q8_0、Q4_K 或 Q4_0（默认：任务训练所针对的类型，否则 Q8_0）；safetensors：F32、F16 或 BF16（默认：F32）；适配器：F32、F16 或 BF16（默认：F32，safetensors 则保持原样）',
  'output file for gguf and onnx, output folder for safetensors': 'gguf 和 onnx 为文件，safetensors 为目录',
  'onnx: quantize weights and activations to 8 bits, with ranges from samples; quantization-aware models use their trained ranges':
    'onnx：权重和激活用 8 位，范围取自样本；为此训练的模型无需要求就带有自己的范围',
  'onnx: number of calibration samples': 'onnx：用于确定范围的样本数',
  'onnx: calibration method for ranges': 'onnx：如何确定范围',
  'onnx: output probabilities instead of logits': 'onnx：输出概率而不是 logits',
  'a PEFT adapter, or a run that contains one, to merge into the weights':
    'PEFT 布局的适配器，或含有它的任务，并入权重',
  'export only the adapter, to load with the model: GGUF or a PEFT folder':
    '只写适配器，与模型一起加载：GGUF，或 PEFT 目录',
  'model name in the file': '文件中的名称',
  'the folder’s name': '同目录名',
  'Inspect training data.': '查看训练数据。',
  'Show tokens as the model sees them, the loss mask, row lengths and invalid rows.':
    '模型将看到的 token、其中哪些参与学习、各行多长、哪些行有问题。',
  'JSON Lines, Parquet or plain text': 'JSON lines、Parquet 或纯文本',
  'tokenizer.json or a model folder': 'tokenizer.json，或模型目录',
  'chat template: Jinja source, a file or a name': '对话模板：Jinja、文件或名称',
  'the tokenizer’s template': '分词器自带',
  'assistant turns that contribute to the loss': '学习哪些回答',
  'number of rows to show': '显示多少行',
  'number of rows sampled from the start for length statistics': '从开头取多少行统计长度',
  'window length': '窗口的长度',
  'row field with the text': '行中存放文本的字段',
  'row field with the conversation': '行中存放对话的字段',
  'skip invalid rows and report them': '略过有问题的行，并说明是哪些',
  'Measure text-to-image and image-to-text retrieval of a CLIP model.':
    '测量 CLIP 由图注找图像、由图像找图注的效果。',
  'folder of a CLIP model in Hugging Face or open_clip layout': 'CLIP 目录，Hugging Face 或 open_clip 格式',
  'JSON Lines of {"image", "caption"}, or a folder of images with a .txt file for each':
    '{"image", "caption"} 的 JSON lines，或每张图像旁有 .txt 的目录',
  'write an HTML report with the best and worst queries and their results':
    '写出最好和最差的查询及其所找到内容的页面',
  'title of the report': '页面的标题',
  'queries per list in the report': '页面每个列表中的查询数',
  'use this share of the images, with the same held-out split as training':
    '取这个比例的图像，与训练时的验证划分相同',
  'number of libtorch threads': 'libtorch 的线程数',
  'all available': '有多少用多少',
  'Classify images: zero-shot by class names with a CLIP model, or with an ONNX classifier.':
    '识别图像内容：用 CLIP 只凭类别名称，或用认识这些类别的 ONNX 模型。',
  'image files or folders': '文件，或含文件的目录',
  'cat,dog,... or a file with one class per line': 'cat,dog,... 或每行一个的文件',
  'the folder names of the images': '图像所在的目录名',
  'prompt with {} for the class; can be repeated': '以 {} 代表类别的句子；可以给出多个',
  'number of classes to show per image': '每张图像显示的类别数',
  'number of compute threads': '用于计算的线程数',
  'Create, test and benchmark custom C++ and CUDA operators.':
    '编写、测试和测量自己的算子：C++ 和 CUDA，与其他算子一样调用。',
  'Create a folder with a working example operator.': '写出一个含有可运行算子的目录，供改写成另一个算子。',
  'operator name, such as vector_add or my::vector_add': 'vector_add，或 my::vector_add',
  'target folder': '写到哪里',
  'the operator’s name': '同名称',
  'Compile an operator and compare values, gradients and shapes with its reference on every available device.':
    '编译它，并在现有的每种设备上与参考实现比较值、梯度和形状。',
  'folder with an op.ts, as created by `hadal op new`': '含有 op.ts 的目录，由 `hadal op new` 写出',
  'random seed of the inputs': '使抽取的内容可以重复',
  'Benchmark an operator against its reference, alternating runs.': '与参考实现轮流测量。',
  'rounds per implementation': '各多少次',
  'print JSON, including every round': '打印 JSON，含每一轮',
}
